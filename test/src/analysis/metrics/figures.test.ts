import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { createAbortCheck } from '../../../../src/analysis/metrics/abort-on-fail.ts';
import { FIGURES } from '../../../../src/analysis/metrics/figures.ts';
import { METRICS } from '../../../../src/analysis/metrics/metrics.ts';
import { header, runOf, strip } from '../strip.ts';

const figuresOf = (text: string): Record<string, number | null> => {
  const analysis = analyse(runOf(strip(text), { head: header(undefined, { verdicts: {} }), endMs: 10_000 }));
  return Object.fromEntries(FIGURES.map(({ name, read }) => [name, read(analysis)]));
};

describe('FIGURES', () => {
  it('are read from a run of two calls, one refused once', () => {
    expect(figuresOf('a.1 0-10 429 ra=2000\na.2 510-610 200\nb.1 0-300 200')).toEqual({
      'call_duration p(50)': 455_000,
      'call_duration p(95)': expect.closeTo(594_500, 3),
      'call_duration p(99)': expect.closeTo(606_900, 3),
      call_failed: 0,
      calls: 2,
      calls_unfinished: 0,
      goodput: 0.2,
      attempts: 3,
      'attempt_duration p(95)': expect.closeTo(280_000, 3),
      attempt_rejected: 1 / 3,
      attempt_failed: 0,
      'time_to_first_byte p(95)': 290_000,
      'time_between_tokens p(95)': null,
      'tokens_per_second p(50)': null,
      'attempts_per_call p(95)': expect.closeTo(1.95, 9),
      retry_amplification: 1.5,
      'retry_after_asked p(50)': 2_000_000,
      'retry_wait p(50)': 500_000,
      'retry_wait p(95)': 500_000,
      dropped_iterations: 0,
      'start_lateness p(95)': 0,
      prompt_tokens: 0,
      completion_tokens: 0,
    });
  });

  it('are 0 for counts of an empty run, null otherwise', () => {
    const figures = figuresOf('');
    expect(figures).toMatchObject({ calls: 0, attempts: 0, dropped_iterations: 0, calls_unfinished: 0 });
    expect(figures).toMatchObject({ 'call_duration p(50)': null, call_failed: null, attempt_rejected: null });
  });

  it('are null if the analysis lacks the metric', () => {
    const analysis = { ...analyse(runOf([])), metrics: [] };
    expect(FIGURES.map(({ read }) => read(analysis))).toEqual(FIGURES.map(() => null));
  });

  it('have the better direction of their metric', () => {
    expect([...new Set(FIGURES.map(({ metric }) => metric))]).toEqual(Object.keys(METRICS));
    expect(FIGURES.map(({ better }) => better)).toEqual(FIGURES.map(({ metric }) => METRICS[metric].better));
  });
});

describe('createAbortCheck', () => {
  const threshold = (expression: string, abortOnFail: boolean, delayAbortEvalUs = 0) => ({
    metric: 'calls',
    expression,
    abortOnFail,
    delayAbortEvalUs,
  });
  const records = [header(), ...strip('a.1 0-10 200\nb.1 0-10 200')];

  it('stops the run once the threshold fails, but not before its delay', () => {
    const { shouldStop } = createAbortCheck({ thresholds: [threshold('count<2', true, 5_000_000)] });
    expect(shouldStop!(4_999_999, records)).toBe(false);
    expect(shouldStop!(5_000_000, records)).toBe(true);
    expect(shouldStop!(5_000_000, records.slice(0, 2))).toBe(false);
  });

  it('stops the run if one of two thresholds fails', () => {
    const both = createAbortCheck({ thresholds: [threshold('count<9', true), threshold('count<2', true)] });
    expect(both.shouldStop!(0, records)).toBe(true);
    const later = createAbortCheck({ thresholds: [threshold('count<9', true), threshold('count<2', true, 9)] });
    expect(later.shouldStop!(8, records)).toBe(false);
  });

  it('does not stop the run before the first sample', () => {
    const { shouldStop } = createAbortCheck({
      thresholds: [{ ...threshold('rate<0.5', true), metric: 'call_failed' }],
    });
    expect(shouldStop!(0, [header()])).toBe(false);
    expect(shouldStop!(0, [header(), ...strip('a.1 0-10 429')])).toBe(true);
  });

  it('returns no check without abortOnFail', () => {
    expect(createAbortCheck({ thresholds: [threshold('count<2', false)] })).toEqual({});
    expect(createAbortCheck({ thresholds: [] })).toEqual({});
    const { shouldStop } = createAbortCheck({ thresholds: [threshold('count<2', false), threshold('count<9', true)] });
    expect(shouldStop!(0, records)).toBe(false);
  });
});
