import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { JUDGES, type VerdictId } from '../../../src/analysis/judging/judge-run.ts';
import type { VerdictStatus } from '../../../src/analysis/judging/verdict.ts';
import { computeSpread, computeVerdictSpread, type SeedResult } from '../../../src/analysis/spread.ts';
import { header, runOf, strip } from './strip.ts';

const off = Object.fromEntries(JUDGES.map(({ id }) => [id, 'off' as const]));

/** The same two calls with three seeds: refused and retried too early, refused and retried in time, never refused. */
const TIMELINES = [
  'a.1 0-10 429 ra=2000\na.2 500-600 200\nb.1 0-100 200',
  'a.1 0-10 429 ra=1000\na.2 1010-1200 200\nb.1 0-300 500\n=> b error',
  'a.1 0-10 200\nb.1 0-30 200',
];

const seeds = TIMELINES.map((timeline, seed): SeedResult => {
  const head = header(undefined, { verdicts: { ...off, 'ignores-retry-after': 'error' } });
  return { seed, ok: true, analysis: analyse(runOf(strip(timeline), { head, endMs: 2000 })) };
});

describe('computeSpread', () => {
  it.each([
    ['calls', 'count', [2, 2, 2]],
    ['call_failed', 'share', [0, 0.5, 0]],
    ['call_duration p(50)', 'us', [350_000, 750_000, 20_000]],
    ['call_duration p(95)', 'us', [575_000, 1_155_000, 29_000]],
    ['goodput', 'per-second', [1, 0.5, 1]],
    ['attempts', 'count', [3, 3, 2]],
    ['attempt_rejected', 'share', [1 / 3, 1 / 3, 0]],
    ['retry_amplification', 'ratio', [1.5, 1.5, 1]],
  ])('%s in %s: %j', (name, unit, values) => {
    const spread = computeSpread(seeds).find((one) => one.name === name)!;
    const [min, median, max] = values.toSorted((a, b) => a - b);
    expect(spread).toEqual({
      name,
      unit,
      min,
      median,
      max,
      mean: expect.closeTo(values.reduce((a, b) => a + b) / 3, 6),
      values,
    });
  });

  it('returns figures in the order of the report', () => {
    expect(computeSpread(seeds).map(({ name }) => name)).toEqual([
      'calls',
      'call_failed',
      'call_duration p(50)',
      'call_duration p(95)',
      'goodput',
      'attempts',
      'attempt_rejected',
      'retry_amplification',
    ]);
  });

  it('omits figures that one seed lacks', () => {
    const idle = { seed: 3, ok: true, analysis: analyse(runOf([], { endMs: 2000 })) };
    expect(computeSpread([...seeds, idle]).map(({ name }) => name)).toEqual(['calls', 'goodput', 'attempts']);
    const silent = { ...idle, analysis: { ...idle.analysis, metrics: [] } };
    expect(computeSpread([...seeds, silent])).toEqual([]);
  });
});

describe('computeVerdictSpread', () => {
  const judged = (statuses: Readonly<Partial<Record<VerdictId, VerdictStatus>>>): SeedResult => {
    const { analysis } = seeds[0]!;
    const ids = Object.keys(statuses) as VerdictId[];
    const verdicts = ids.map((id) => ({ ...analysis.verdicts[0]!, id, status: statuses[id]! }));
    return { seed: 1, ok: true, analysis: { ...analysis, verdicts } };
  };

  it('counts statuses by verdict, in any order', () => {
    expect(
      computeVerdictSpread([
        judged({ 'ignores-retry-after': 'fail', 'amplifies-load': 'pass' }),
        judged({ 'amplifies-load': 'pass', 'ignores-retry-after': 'pass' }),
        judged({ 'ignores-retry-after': 'fail', 'amplifies-load': 'inconclusive' }),
      ]),
    ).toEqual([
      { id: 'ignores-retry-after', counts: { fail: 2, pass: 1 } },
      { id: 'amplifies-load', counts: { pass: 2, inconclusive: 1 } },
    ]);
  });

  it('returns nothing without seeds', () => {
    expect(computeVerdictSpread([])).toEqual([]);
  });
});
