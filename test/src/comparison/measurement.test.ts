import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import {
  createBaseline,
  createMeasurement,
  MEASUREMENT_VERSION,
  mergeMeasurements,
  selectSeed,
} from '../../../src/comparison/measurement.ts';
import { BASELINE_SCHEMA, parseMeasurement } from '../../../src/comparison/read-measurement.ts';
import { summaryJson } from '../../../src/report/summary-json.ts';
import { header, requestLimit, runOf, strip } from '../analysis/strip.ts';
import { createTestMeasurement, problemsOf } from './test-measurement.ts';

const TIMELINE = 'a.1 0-20 429 ra=1000\na.2 1020-1200 200\nb.1 0-200 200\nc.1 50-60 500';
const thresholds = [{ metric: 'call_failed', expression: 'rate<0.01', abortOnFail: false, delayAbortEvalUs: 0 }];
const RUN = runOf(strip(TIMELINE), { head: header([requestLimit(5, 5)], { thresholds, time: 'virtual' }) });
const measurement = createMeasurement(RUN, analyse(RUN));

describe('createMeasurement', () => {
  it('reads three calls and four attempts, one refused', () => {
    expect(measurement.seeds).toEqual([1]);
    expect(measurement.figures).toMatchObject({
      calls: [3],
      attempts: [4],
      call_failed: [0.333333333],
      attempt_rejected: [0.25],
      // The median of 10, 200 and 1,200 ms.
      'call_duration p(50)': [200],
      'retry_wait p(50)': [1000],
      retry_amplification: [1.333333333],
    });
    expect(measurement.thresholds).toEqual({ 'call_failed rate<0.01': [false] });
    expect(measurement.verdicts['treats-overload-as-fatal']).toMatchObject({ severity: 'warn' });
    expect(measurement.conditions).toMatchObject({ name: 'strip', time: 'virtual', start: '2026-01-01T00:00:00Z' });
  });

  it('contains no keys and no client path', () => {
    const text = JSON.stringify(createBaseline(measurement));
    expect(text).not.toContain('client.ts');
    expect(text).not.toContain('"keys"');
  });

  it('is equal when parsed from a summary', () => {
    expect(parseMeasurement(JSON.parse(JSON.stringify(summaryJson(RUN, analyse(RUN)))), 's.json')).toEqual(measurement);
  });

  it('is equal without reasons when parsed from a baseline', () => {
    const again = parseMeasurement(JSON.parse(JSON.stringify(createBaseline(measurement))), 'b.json');
    const verdicts = Object.entries(measurement.verdicts).map(([id, { severity, seeds }]) => [id, { severity, seeds }]);
    expect(again).toEqual({ ...measurement, verdicts: Object.fromEntries(verdicts) });
  });
});

describe('mergeMeasurements', () => {
  const figures = { attempts: [10, 30] };
  const odd = createTestMeasurement({ seeds: [1, 3], figures });
  const even = createTestMeasurement({ seeds: [2], figures: { attempts: [20] }, partial: ['seed 2: interrupted'] });

  it('sorts seeds and lists, in any input order', () => {
    const both = mergeMeasurements([even, odd], 'here');
    expect(both).toEqual(mergeMeasurements([odd, even], 'here'));
    expect([both.seeds, both.figures.attempts]).toEqual([
      [1, 2, 3],
      [10, 20, 30],
    ]);
    expect(both.partial).toEqual(['seed 2: interrupted']);
    expect(selectSeed(both, 3)).toEqual(selectSeed(odd, 3));
  });

  it('fills figures that one part lacks with null', () => {
    const more = createTestMeasurement({ seeds: [4], figures: { attempts: [40], goodput: [5] } });
    expect(mergeMeasurements([odd, more], 'here').figures.goodput).toEqual([null, null, 5]);
  });

  it('reports every difference in conditions and every duplicate seed', () => {
    const other = createTestMeasurement({ seeds: [3], scenario: { name: 'other' } });
    expect(problemsOf(() => mergeMeasurements([odd, other], 'here'))).toEqual({
      code: 'compare/mixed',
      problems: ['name: strip for seed 1, other for seed 3', 'seed 3 is duplicated'],
    });
    expect(problemsOf(() => mergeMeasurements([], 'here')).code).toBe('compare/nothing');
  });
});

describe('parseMeasurement rejects', () => {
  const baseline = { $schema: BASELINE_SCHEMA, ...createBaseline(measurement) };
  const summary = summaryJson(RUN, analyse(RUN));

  it.each<[string, unknown, string, (string | RegExp)[]]>([
    ['text', 'hello', 'compare/not-a-result', [/^expected a journal, a summary\.json, a seeds\.json or a baseline$/]],
    ['null', null, 'compare/not-a-result', [/^expected a journal/]],
    ['another JSON', { name: 'app', version: '1.0.0' }, 'compare/not-a-result', [/^expected a journal/]],
    ['a plan', { version: 1, answer: 6 }, 'compare/not-a-result', [/^expected a journal/]],
    ['a newer version', { ...baseline, version: MEASUREMENT_VERSION + 1 }, 'compare/newer-version', []],
    [
      'a summary without figures',
      { ...summary, figures: undefined, conditions: undefined },
      'compare/damaged',
      [/conditions/, /figures/],
    ],
    [
      'the seeds of an older version',
      { spread: [], seeds: [] },
      'compare/older-version',
      [/quotalab report journal\.jsonl/],
    ],
    [
      'damage in three places',
      { ...baseline, tool: 7, figures: { attempts: ['many'] }, verdicts: { x: { severity: 'loud', seeds: 'pass' } } },
      'compare/damaged',
      [/^tool: /, /^figures\.attempts\[0\]: /, /^verdicts\.x\.severity: /],
    ],
    [
      'lists of the wrong length',
      { ...baseline, figures: { calls: [1, 2] }, thresholds: { 'call_failed rate<1': [] }, verdicts: {} },
      'compare/damaged',
      ['figures.calls: has 2 items for 1 seeds', 'thresholds.call_failed rate<1: has 0 items for 1 seeds'],
    ],
    [
      'unsorted seeds',
      { ...baseline, seeds: [2, 1, 1], figures: {}, thresholds: {}, verdicts: {} },
      'compare/damaged',
      ['seeds: must be in ascending order without duplicates'],
    ],
  ])('%s', (_what, raw, code, problems) => {
    const found = problemsOf(() => parseMeasurement(raw, 'file.json'));
    expect(found.code).toBe(code);
    expect(found.problems).toHaveLength(problems.length);
    for (const [index, problem] of problems.entries()) expect(found.problems[index]).toMatch(problem);
  });
});
