import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { baselineOf, joined, MEASUREMENT_VERSION, measurementOf, ofSeed } from '../../../src/comparison/measurement.ts';
import { BASELINE_SCHEMA, measurementFrom } from '../../../src/comparison/read-measurement.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { header, requestLimit, runOf, strip } from '../analysis/strip.ts';
import { measured, problemsOf } from './measured.ts';

const FILM = 'a.1 0-20 429 ra=1000\na.2 1020-1200 200\nb.1 0-200 200\nc.1 50-60 500';
const thresholds = [{ metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 }];
const RUN = runOf(strip(FILM), { head: header([requestLimit(5, 5)], { thresholds, time: 'virtual' }) });
const measurement = measurementOf(RUN, analyse(RUN));

describe('a run as a measurement', () => {
  it('film: three calls, four attempts, one of them refused', () => {
    expect(measurement.seeds).toEqual([1]);
    expect(measurement.figures).toMatchObject({
      calls: [3],
      attempts: [4],
      call_failed: [0.333333333],
      attempt_rejected: [0.25],
      // Of 10, 200 and 1,200 ms the middle one.
      'call_duration p(50)': [200],
      'retry_wait p(50)': [1000],
      retry_amplification: [1.333333333],
    });
    expect(measurement.thresholds).toEqual({ 'call_failed rate<0.01': [false] });
    expect(measurement.verdicts['treats-overload-as-fatal']).toMatchObject({ severity: 'warn' });
    expect(measurement.conditions).toMatchObject({ name: 'strip', time: 'virtual', start: '2026-01-01T00:00:00Z' });
  });

  it('no key and no path of the client stands in it', () => {
    const text = JSON.stringify(baselineOf(measurement));
    expect(text).not.toContain('client.ts');
    expect(text).not.toContain('"keys"');
  });

  it('what a summary says and what the journal says is the same measurement', () => {
    expect(measurementFrom(JSON.parse(JSON.stringify(summaryJson(RUN, analyse(RUN)))), 's.json')).toEqual(measurement);
  });

  it('a baseline read again is the measurement without words', () => {
    const again = measurementFrom(JSON.parse(JSON.stringify(baselineOf(measurement))), 'b.json');
    const verdicts = Object.entries(measurement.verdicts).map(([id, { severity, seeds }]) => [id, { severity, seeds }]);
    expect(again).toEqual({ ...measurement, verdicts: Object.fromEntries(verdicts) });
  });
});

describe('several as one', () => {
  const figures = { attempts: [10, 30] };
  const odd = measured({ seeds: [1, 3], figures });
  const even = measured({ seeds: [2], figures: { attempts: [20] }, partial: ['seed 2: interrupted'] });

  it('in whatever order they come, seeds ascend and every list with them', () => {
    const both = joined([even, odd], 'here');
    expect(both).toEqual(joined([odd, even], 'here'));
    expect([both.seeds, both.figures.attempts]).toEqual([
      [1, 2, 3],
      [10, 20, 30],
    ]);
    expect(both.partial).toEqual(['seed 2: interrupted']);
    expect(ofSeed(both, 3)).toEqual(ofSeed(odd, 3));
  });

  it('what one of them lacks is missing, not shifted', () => {
    const more = measured({ seeds: [4], figures: { attempts: [40], goodput: [5] } });
    expect(joined([odd, more], 'here').figures.goodput).toEqual([null, null, 5]);
  });

  it('not of one scenario, or a seed twice: everything is told', () => {
    const other = measured({ seeds: [3], scenario: { name: 'other' } });
    expect(problemsOf(() => joined([odd, other], 'here'))).toEqual({
      code: 'compare/mixed',
      problems: ['name: strip for seed 1, other for seed 3', 'seed 3 is there more than once'],
    });
    expect(problemsOf(() => joined([], 'here')).code).toBe('compare/nothing');
  });
});

describe('a file that is no measurement', () => {
  const baseline = { $schema: BASELINE_SCHEMA, ...baselineOf(measurement) };
  const summary = summaryJson(RUN, analyse(RUN));

  it.each<[string, unknown, string, (string | RegExp)[]]>([
    ['text', 'hello', 'compare/not-a-result', [/^it must be a journal, a summary\.json, a seeds\.json or a baseline$/]],
    ['null', null, 'compare/not-a-result', [/^it must be/]],
    ['another JSON', { name: 'app', version: '1.0.0' }, 'compare/not-a-result', [/^it must be/]],
    ['a plan', { version: 1, answer: 6 }, 'compare/not-a-result', [/^it must be/]],
    ['of a newer version', { ...baseline, version: MEASUREMENT_VERSION + 1 }, 'compare/newer-version', []],
    [
      'of an older one',
      { ...summary, figures: undefined, conditions: undefined },
      'compare/damaged',
      [/conditions/, /figures/],
    ],
    [
      'the seeds of an older one',
      { spread: [], seeds: [] },
      'compare/older-version',
      [/quotalab report journal\.jsonl/],
    ],
    [
      'damaged in three places',
      { ...baseline, tool: 7, figures: { attempts: ['many'] }, verdicts: { x: { severity: 'loud', seeds: 'pass' } } },
      'compare/damaged',
      [/^tool: /, /^figures\.attempts\[0\]: /, /^verdicts\.x\.severity: /],
    ],
    [
      'lists that are too long or short',
      { ...baseline, figures: { calls: [1, 2] }, thresholds: { 'call_failed rate<1': [] }, verdicts: {} },
      'compare/damaged',
      ['figures.calls: has 2 items for 1 seeds', 'thresholds.call_failed rate<1: has 0 items for 1 seeds'],
    ],
    [
      'seeds in disorder',
      { ...baseline, seeds: [2, 1, 1], figures: {}, thresholds: {}, verdicts: {} },
      'compare/damaged',
      ['seeds: must ascend, each seed once'],
    ],
  ])('%s', (_what, raw, code, problems) => {
    const found = problemsOf(() => measurementFrom(raw, 'file.json'));
    expect(found.code).toBe(code);
    expect(found.problems).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found.problems[index]).toMatch(problem);
  });
});
