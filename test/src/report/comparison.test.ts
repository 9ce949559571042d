import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { parseAllowances } from '../../../src/comparison/allowance.ts';
import { type CompareOptions, compare } from '../../../src/comparison/compare.ts';
import { diffRuns } from '../../../src/comparison/first-difference.ts';
import { createMeasurement, type Measurement } from '../../../src/comparison/measurement.ts';
import { comparisonJson } from '../../../src/report/comparison-json.ts';
import { comparisonSummary } from '../../../src/report/terminal/comparison-lines.ts';
import { comparisonResult } from '../../../src/report/terminal/comparison-result.ts';
import { resultLine } from '../../../src/report/terminal/result-line.ts';
import { header, repeated, requestLimit, runOf } from '../analysis/strip.ts';
import { createTestMeasurement } from '../comparison/test-measurement.ts';

const head = header([requestLimit(5, 5)], { time: 'virtual' });
const WAITS = repeated('a.1 0-20 429 ra=1000 admitAt=1000\na.2 1020-1200 200', 20, 5000);
const runAt = (records: typeof WAITS): Run => runOf(records, { head, endMs: 110_000 });

/** Returns the comparison summary of two measurements, or of two runs with their first difference. */
function shown(
  base: Measurement | Run,
  candidate: Measurement | Run,
  options: Partial<CompareOptions> & { width?: number } = {},
): string {
  const [before, after] = [base, candidate].map((side) =>
    'seeds' in side ? side : createMeasurement(side, analyse(side)),
  );
  const comparison = compare(before!, after!, { allowances: parseAllowances('5%', []), ...options });
  const first = 'calls' in base && 'calls' in candidate ? diffRuns(base, candidate) : undefined;
  const sources = { base: 'base.json', candidate: 'candidate.json', ...(first && { first }) };
  const terminal = { color: false, width: options.width ?? 100, full: true };
  return comparisonSummary(comparison, sources, terminal) + resultLine(comparisonResult(comparison), terminal);
}

/** The last of the twenty calls is refused twice. */
const ONE_MORE = [
  ...WAITS.filter(({ startUs }) => startUs < 95_000_000),
  ...repeated('a.1 0-20 429 ra=1000 admitAt=1000\na.2 1020-1040 429 ra=1000 admitAt=2000\na.3 2040-2200 200', 1, 0).map(
    (record) => {
      const moved = { ...record, startUs: record.startUs + 95_000_000, endUs: record.endUs + 95_000_000 };
      return moved.type === 'call'
        ? { ...moved, id: 20, scheduledUs: moved.startUs }
        : { ...moved, id: moved.id + 38, call: 20, headersUs: moved.endUs };
    },
  ),
];

/** Returns the lines below a title. */
function under(title: string, text: string): string[] {
  const [, block = ''] = text.split(`  ${title}\n`);
  return block
    .split('\n\n')[0]!
    .split('\n')
    .map((line) => line.trim());
}

const P95 = 'call_duration p(95)';
const noisy = [100, 200, 300, 400, 500];

describe('comparison summary', () => {
  it('counts a single attempt as a change in virtual time', () => {
    const [base, more] = [runAt(WAITS), runAt(ONE_MORE)];
    expect([base.attempts.length, more.attempts.length]).toEqual([40, 41]);
    const text = shown(base, more);
    expect(text.replace(/ +/g, ' ')).toContain(' · attempts 40 41 +2.5%\n');
    expect(under('HOW SURE THIS IS', text)).toEqual([
      'In virtual time there is no noise: 1 attempt more, the same number of calls. Each change above',
      'is real for this seed; run both sides with --seeds 5 to compare others.',
      'First difference, at 1m36s with seed 1:',
      'base       attempt 2 of call 20 at 96020ms, 200 at 96200ms',
      'candidate  attempt 2 of call 20 at 96020ms, 429 at 96040ms',
    ]);
    expect(under('WORSE THAN ALLOWED', text)).toEqual([
      '✗ call_duration p(99): 1.2s → 2.01s, 810ms more; allowed: +5%.',
    ]);
    expect(shown(more, base)).toContain(
      'In virtual time there is no noise: 1 attempt fewer, the same number of calls.',
    );
  });

  it('shows no difference between equal runs', () => {
    const text = shown(runAt(WAITS), runAt(WAITS));
    expect(under('HOW SURE THIS IS', text)).toEqual(['In virtual time there is no noise, and no figure differs.']);
    expect(text).toMatch(/\n {2}PASSED no regression\n$/);
    expect(text).not.toContain('VERDICTS');
  });

  it.each<[string, Measurement, Measurement, RegExp[]]>([
    [
      'real, in wall time',
      createTestMeasurement({ time: 'wall', figures: { [P95]: noisy } }),
      createTestMeasurement({ time: 'wall', figures: { [P95]: noisy.map((value) => value + 500) } }),
      [
        /✗ call_duration p\(95\): 300ms → 800ms, 500ms more \(90% interval \+\d+ms to \+\d+ms\); allowed: \+5%\. Real: every seed of the candidate is slower \(Mann-Whitney, p = 0\.008, Cliff's delta 1\)\./,
        /\+167% real: every seed higher/,
        /A change is real if chance alone would produce it less than once in 100 times\./,
      ],
    ],
    [
      'possibly chance',
      createTestMeasurement({ time: 'wall', figures: { [P95]: noisy } }),
      createTestMeasurement({ time: 'wall', figures: { [P95]: noisy.map((value) => value + 50) } }),
      [
        /UNDECIDED \? call_duration p\(95\): 300ms → 350ms, 50ms more .*Could be chance \(Mann-Whitney, p = 0\.\d+, Cliff's delta 0\.\d+\): use more seeds\./,
        /\? call_duration p\(95\) +300ms +350ms +\+17% could be chance/,
        /PASSED no regression, undecided: call_duration p\(95\)/,
      ],
    ],
    [
      'too few seeds',
      createTestMeasurement({ time: 'wall', figures: { [P95]: [100, 200] } }),
      createTestMeasurement({ time: 'wall', figures: { [P95]: [400, 500] } }),
      [
        /2 against 2 seeds cannot tell a change from chance; 5 per side can \(--seeds 5\)/,
        /FAILED 1 regression: call_duration p\(95\)/,
      ],
    ],
    [
      'one run per side in wall time, on two machines',
      createTestMeasurement({ time: 'wall', figures: { [P95]: [100] }, node: 'v22' }),
      createTestMeasurement({ time: 'wall', figures: { [P95]: [101] }, node: 'v24' }),
      [
        /One run per side in wall time says nothing about noise/,
        /Different Node\.js versions, perhaps different machines \(v22, v24\)/,
      ],
    ],
    [
      'two different seeds',
      createTestMeasurement({ seeds: [1], figures: { [P95]: [100] } }),
      createTestMeasurement({ seeds: [2], figures: { [P95]: [101] } }),
      [/Seeds 1 and 2 are different runs, so a difference may be chance/],
    ],
    [
      'one seed of several',
      createTestMeasurement({ seeds: [2], figures: { [P95]: [100] } }),
      createTestMeasurement({ seeds: [1, 2], figures: { [P95]: [1, 101] } }),
      [/Only seed 2 of the candidate's 2 is on both sides; only this seed is compared\./],
    ],
    [
      'common seeds, some of which differ',
      createTestMeasurement({ figures: { [P95]: [1, 2, 3, 4, 5, 6, 7, 8] } }),
      createTestMeasurement({ figures: { [P95]: [1, 2, 3, 4, 5, 6, 7, 9] } }),
      [/a seed always gives the same run\. Of the seeds on both sides, 1 of 8 differ\./],
    ],
    [
      'verdicts and thresholds',
      createTestMeasurement({
        thresholds: { 'call_failed rate<0.01': [true] },
        verdicts: {
          'no-jitter': { severity: 'warn', seeds: ['pass'] },
          'no-deadline': { severity: 'warn', seeds: ['fail'] },
        },
      }),
      createTestMeasurement({
        thresholds: { 'call_failed rate<0.01': [false] },
        verdicts: {
          'no-jitter': { severity: 'warn', seeds: ['fail'], reasons: ['All waited equally long.'] },
          'no-deadline': { severity: 'warn', seeds: ['pass'], reasons: ['All ended.'] },
        },
      }),
      [
        /! no-jitter: pass → fail \(does not fail\) All waited equally long\./,
        /✓ no-deadline: fail → pass All ended\./,
        /✗ call_failed rate<0\.01: held → failed/,
        /FAILED 1 regression: /,
      ],
    ],
  ])('%s', (_what, base, candidate, expected) => {
    const text = shown(base, candidate).replace(/\s+/g, ' ');
    for (const pattern of expected) expect(text).toMatch(pattern);
  });

  it('respects the width', () => {
    for (const width of [80, 100, 120]) {
      const lines = shown(runAt(WAITS), runAt(ONE_MORE), { width }).split('\n');
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
    }
  });

  it('lists forced differences', () => {
    const text = shown(
      createTestMeasurement({}),
      createTestMeasurement({ scenario: { name: 'other' }, partial: ['seed 1: interrupted'] }),
      {
        force: true,
      },
    );
    expect(text).toContain('Not comparable, but forced: name is strip, then other.');
    expect(text).toContain('Incomplete: candidate, seed 1: interrupted.');
  });
});

it('comparison JSON has both files and the first difference', () => {
  const [base, candidate] = [runAt(WAITS), runAt(ONE_MORE)];
  const sides = [base, candidate].map((run) => createMeasurement(run, analyse(run)));
  const comparison = compare(sides[0]!, sides[1]!, { allowances: parseAllowances('5%', []) });
  const first = diffRuns(base, candidate)!;
  const json = comparisonJson(comparison, { base: 'b.json', candidate: 'c.json', first });
  expect(json).toMatchObject({
    version: 1,
    scenario: 'strip',
    base: { file: 'b.json', seeds: [1] },
    candidate: { file: 'c.json' },
    basis: 'exact',
    regressions: ['call_duration p(99)'],
    firstDifference: { atUs: 96_040_000, kind: 'attempt' },
  });
  expect(comparisonJson(comparison, { base: 'b', candidate: 'c' })).toMatchObject({ firstDifference: null });
});
