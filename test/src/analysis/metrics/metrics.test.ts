import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { JUDGES } from '../../../../src/analysis/judging/judge-run.ts';
import { computeMetric, computeMetrics } from '../../../../src/analysis/metrics/metrics.ts';
import { parseExpression } from '../../../../src/analysis/metrics/threshold-expression.ts';
import { evaluateThresholds } from '../../../../src/analysis/metrics/thresholds.ts';
import { hasPassed } from '../../../../src/analysis/pass-rule.ts';
import { readRun } from '../../../../src/analysis/run/read-run.ts';
import { mean, median, percentile } from '../../../../src/analysis/statistics/percentile.ts';
import type { JournalRecord } from '../../../../src/journal/record.ts';
import type { Severity } from '../../../../src/scenario/scenario.ts';
import { header, runOf, strip } from '../strip.ts';

/** Two calls: a succeeds after a retry, b fails. 1.3 s long. */
const RUN = runOf(strip('a.1 0-10 429 ra=1000\na.2 1010-1200 200\nb.1 100-110 429 ra=1000\n=> b error'), {
  endMs: 2000,
});

const metric = (name: string) => computeMetrics(RUN).find((one) => one.name === name);

describe('metrics', () => {
  it.each([
    ['calls', { count: 2, perSecond: 1 }],
    ['call_failed', { hits: 1, samples: 2 }],
    ['attempts', { count: 3 }],
    ['attempt_rejected', { hits: 2, samples: 3 }],
    ['attempt_failed', { hits: 0, samples: 3 }],
    ['call_duration', { sorted: [10_000, 1_200_000] }],
    ['attempt_duration', { sorted: [10_000, 10_000, 190_000] }],
    ['time_to_first_byte', { sorted: [190_000] }],
    ['attempts_per_call', { sorted: [1, 2] }],
    ['retry_amplification', { value: 1.5 }],
    ['retry_after_asked', { sorted: [1_000_000, 1_000_000] }],
    ['retry_wait', { sorted: [1_000_000] }],
    ['goodput', { value: 0.5 }],
    ['start_lateness', { sorted: [0, 0] }],
  ])('%s', (name, expected) => {
    expect(metric(name)).toMatchObject(expected);
  });

  it('an open call counts as neither failed nor timed', () => {
    const run = runOf(strip('a.1 0-10 429\n=> a open'), { endMs: 5000 });
    const found = Object.fromEntries(computeMetrics(run).map((one) => [one.name, one]));
    expect(found.call_failed).toMatchObject({ samples: 0 });
    expect(found.calls_unfinished).toMatchObject({ count: 1 });
    expect(found.call_duration).toMatchObject({ sorted: [] });
  });

  /** Four calls: a succeeds after a retry, b fails by faults, c makes no attempt, d is open with an unknown head time. */
  const MIXED = runOf(
    [
      ...strip(`
        a.1 0-10 429
        a.2 500-700 200 tokens=40
        b.1 0-30 500
        b.2 100-9100 timeout
        d.1 0-50 200
        => c ok
        => d open
      `).map((record): JournalRecord => {
        if (record.type !== 'attempt') return record;
        const { headersUs: _, ...unknown } = record;
        if (record.id === 5) return unknown;
        return record.id === 2 ? { ...record, promptTokens: 7, model: 'gpt-4o' } : record;
      }),
      { type: 'dropped', scheduledUs: 5 },
    ],
    { endMs: 10_000 },
  );

  it.each([
    ['calls', { count: 4, perSecond: 0.4 }],
    ['calls_unfinished', { count: 1, perSecond: 0.1 }],
    ['call_failed', { hits: 1, samples: 3 }],
    ['goodput', { value: 0.2, samples: 4 }],
    ['attempts', { count: 5 }],
    ['attempt_failed', { hits: 2, samples: 5 }],
    ['attempt_rejected', { hits: 1, samples: 5 }],
    ['attempt_duration', { sorted: [10_000, 30_000, 50_000, 200_000] }],
    ['time_to_first_byte', { sorted: [200_000] }],
    ['attempts_per_call', { sorted: [0, 2, 2] }],
    ['retry_amplification', { value: 5 / 3, samples: 4 }],
    ['dropped_iterations', { count: 1 }],
    ['prompt_tokens', { count: 7 }],
    ['completion_tokens', { count: 40 }],
  ])('of a mixed run: %s', (name, expected) => {
    expect(computeMetrics(MIXED).find((one) => one.name === name)).toMatchObject(expected);
  });

  it.each([
    ['calls', { result: 'ok' }, 2],
    ['calls', { result: 'error', load: '' }, 1],
    ['calls', { colour: 'red' }, 0],
    ['attempts', { status: '500' }, 1],
    ['attempts', { limit: 'requests' }, 1],
    ['attempts', { model: 'gpt-4o' }, 1],
    ['attempts', { model: '' }, 4],
    ['attempts', { model: 'gpt-4o', status: '429' }, 0],
  ] as const)('%s of %j: %d', (name, tags, count) => {
    expect(computeMetric(MIXED, name, tags)).toMatchObject({ count });
  });

  it('a run of zero duration has no rates and no retry amplification', () => {
    const found = Object.fromEntries(computeMetrics(runOf([], { endMs: 0 })).map((one) => [one.name, one]));
    expect(found.calls).toMatchObject({ count: 0, perSecond: 0 });
    expect(found.goodput).toMatchObject({ value: null, samples: 0 });
    expect(found.retry_amplification).toMatchObject({ value: null, samples: 0 });
    const unsent = computeMetric(runOf(strip('=> a ok')), 'retry_amplification', {});
    expect(unsent).toMatchObject({ value: null, samples: 0 });
  });

  it('call_duration counts from the scheduled start', () => {
    const records = strip('a.1 500-600 200').map((record) =>
      record.type === 'call' ? { ...record, scheduledUs: 0 } : record,
    );
    const found = computeMetrics(runOf(records));
    expect(found.find(({ name }) => name === 'call_duration')).toMatchObject({ sorted: [600_000] });
    expect(found.find(({ name }) => name === 'start_lateness')).toMatchObject({ sorted: [500_000] });
  });
});

describe('percentiles', () => {
  it('mean and median of samples in any order', () => {
    expect([mean([9, 1, 2]), median([9, 1, 2]), median([10, 9, 1, 2]), median([100, 20, 3])]).toEqual([4, 2, 5.5, 20]);
    expect(median([])).toBeNaN();
  });

  it.each([
    [[1, 2, 3, 4], 50, 2.5],
    [[1, 2, 3, 4], 0, 1],
    [[1, 2, 3, 4], 100, 4],
    [[5], 95, 5],
    [[0, 100], 95, 95],
  ])('%j at %d: %d', (sorted, percent, expected) => {
    expect(percentile(sorted, percent)).toBe(expected);
  });

  it('are within the extremes and monotonic', () => {
    const samples = fc.array(fc.nat(1e9), { minLength: 1, maxLength: 50 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(samples, fc.nat(100), fc.nat(100), (sorted, p, q) => {
        const [low, high] = [percentile(sorted, Math.min(p, q)), percentile(sorted, Math.max(p, q))];
        expect(low).toBeLessThanOrEqual(high);
        expect(low).toBeGreaterThanOrEqual(sorted[0]!);
        expect(high).toBeLessThanOrEqual(sorted.at(-1)!);
      }),
    );
  });
});

describe('thresholds', () => {
  const judged = (metricText: string, expression: string) =>
    evaluateThresholds(RUN, [{ metric: metricText, expression, abortOnFail: false, delayAbortEvalUs: 0 }])[0];

  it.each([
    ['call_duration', 'p(95)<20s', true, 1_140_500],
    ['call_duration', 'p95<1s', false, 1_140_500],
    ['call_duration', 'max<=1200', true, 1_200_000],
    ['call_duration', 'med > 600', true, 605_000],
    ['call_duration', 'avg<605.1', true, 605_000],
    ['call_duration{result:ok}', 'min>1s', true, 1_200_000],
    ['call_failed', 'rate<1%', false, 0.5],
    ['call_failed', 'rate==0.5', true, 0.5],
    ['attempt_rejected{limit:requests}', 'rate<0.7', true, 2 / 3],
    ['attempt_rejected{limit:other}', 'rate==0', true, 0],
    ['attempts', 'count!=3', false, 3],
    ['attempts{status:429}', 'count<3', true, 2],
    ['attempts', 'rate>=1.5', true, 1.5],
    ['dropped_iterations', 'count<1', true, 0],
    ['retry_amplification', 'value<2', true, 1.5],
  ])('%s %s: %s', (metricText, expression, ok, observed) => {
    expect(judged(metricText, expression)).toMatchObject({ ok, observed });
  });

  it('a threshold without samples fails', () => {
    expect(judged('time_to_first_byte{model:other}', 'p(95)<1s')).toEqual({
      metric: 'time_to_first_byte{model:other}',
      expression: 'p(95)<1s',
      ok: false,
      observed: null,
      samples: 0,
    });
  });

  it.each(['p(101)<5', 'p()<5', 'avg', 'avg<', 'avg<<5', '5<avg', 'mean<5', 'avg<5 parsecs'])('rejects %s', (text) => {
    expect(parseExpression(text)).toBeUndefined();
  });
});

describe('a run as a whole', () => {
  const early = strip('a.1 0-20 429 ra=2000\na.2 520-540 429 ra=2000\na.3 1520-1700 200');
  const verdictsOf = (severities: Record<string, Severity>) =>
    analyse(runOf(early, { head: header(undefined, { verdicts: severities }) }));
  const others = Object.fromEntries(JUDGES.map(({ id }) => [id, 'off' as const]));

  it('fails on a failed verdict of severity error, not of severity warn', () => {
    expect(hasPassed(verdictsOf({ ...others, 'ignores-retry-after': 'error' }))).toBe(false);
    expect(hasPassed(verdictsOf({ ...others, 'ignores-retry-after': 'warn' }))).toBe(true);
    expect(verdictsOf(others).verdicts).toEqual([]);
  });

  it('fails on an inconclusive verdict unless allowInconclusive is set', () => {
    const run = runOf(early, {
      head: header(undefined, { verdicts: { ...others, 'amplifies-load': { severity: 'error', calls: 5 } } }),
    });
    const analysis = analyse(run);
    expect(analysis.verdicts).toMatchObject([{ id: 'amplifies-load', status: 'inconclusive' }]);
    expect(hasPassed(analysis)).toBe(false);
    expect(hasPassed(analysis, { allowInconclusive: true })).toBe(true);
  });

  it('a journal without an end is cut off; one without a header is rejected', () => {
    expect(readRun([header(), ...early])).toMatchObject({ stopped: 'cut-off', endUs: 1_700_000 });
    expect(() => readRun(early)).toThrow(expect.objectContaining({ code: 'journal/no-header' }));
  });

  it('has the usage of each limit', () => {
    expect(analyse(RUN).limits).toEqual([
      { limit: 'requests', unit: 'requests', denied: 2, buckets: 1, admitted: 1, admissible: 15 },
    ]);
  });
});
