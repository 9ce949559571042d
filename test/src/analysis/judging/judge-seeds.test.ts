import { describe, expect, it } from 'vitest';
import { JUDGES, judgeRun } from '../../../../src/analysis/judging/judge-run.ts';
import { judgeSeeds } from '../../../../src/analysis/judging/judge-seeds.ts';
import type { Verdict } from '../../../../src/analysis/judging/verdict.ts';
import { header, runOf, strip } from '../strip.ts';

/** Ten calls that wait 1 s each, or differently long. */
function calls(alike: boolean): string {
  return Array.from({ length: 10 }, (_, n) => {
    const backMs = 1000 + (alike ? 0 : 90 * n);
    return `c${n}.1 0-10 429 admitAt=900\nc${n}.2 ${10 + backMs}-${20 + backMs} 200`;
  }).join('\n');
}

const head = { ...header(), time: 'virtual' as const };
const onlyJitter = Object.fromEntries(
  JUDGES.map(({ id }) => [id, id === 'no-jitter' ? ('error' as const) : ('off' as const)]),
);
const judged = (alike: boolean): Verdict[] => judgeRun(runOf(strip(calls(alike)), { head }), onlyJitter);

describe('statistical verdicts', () => {
  it('warn in one run and report that they would fail', () => {
    expect(judged(true)).toMatchObject([{ id: 'no-jitter', status: 'warn', wouldFail: true, severity: 'error' }]);
    expect(judged(false)).toMatchObject([{ id: 'no-jitter', status: 'pass' }]);
  });

  it.each([
    ['two seeds of two agree', [true, true], 'fail', undefined, /^10 waits/],
    ['two of three agree', [true, false, true], 'fail', undefined, /^Seed 1, 3: 10 waits/],
    ['one of three', [false, true, false], 'warn', true, /^Seed 2: 10 waits/],
    ['none', [false, false], 'pass', undefined, /^Waits before the same retry/],
  ])('%s', (_name, seeds, status, wouldFail, reason) => {
    const all = seeds.map((alike, index) => ({ seed: index + 1, verdicts: judged(alike) }));
    const [verdict] = judgeSeeds(all);
    expect(verdict).toMatchObject({ id: 'no-jitter', status, reason: expect.stringMatching(reason) });
    expect(verdict!.wouldFail).toBe(wouldFail);
  });
});

describe('certain verdicts', () => {
  const early = 'a.1 0-10 429 ra=2000\na.2 500-510 429 ra=2000\na.3 1500-1510 429 ra=2000\na.4 3600-3700 200';
  const onlyTold = Object.fromEntries(
    JUDGES.map(({ id }) => [id, id === 'ignores-retry-after' ? ('error' as const) : ('off' as const)]),
  );

  it('fail by one seed and show its evidence', () => {
    const bad = judgeRun(runOf(strip(early), { head }), onlyTold);
    const calm = judgeRun(runOf(strip('a.1 0-10 200'), { head }), onlyTold);
    const [verdict] = judgeSeeds([
      { seed: 7, verdicts: calm },
      { seed: 8, verdicts: bad },
    ]);
    expect(verdict).toMatchObject({ status: 'fail', reason: expect.stringMatching(/^Seed 8: 2 of 3 retries/) });
    expect(verdict!.evidence).toHaveLength(2);
  });
});

it('every judge has a unique id, a question and a threshold, and does not apply to an empty run', () => {
  expect(JUDGES).toHaveLength(36);
  expect(new Set(JUDGES.map(({ id }) => id)).size).toBe(36);
  for (const { id, question, judge } of JUDGES) {
    const finding = judge(runOf([], { head }));
    expect(question).toMatch(/^[A-Z].*\?$/);
    expect([id, finding.status]).toEqual([id, 'not-applicable']);
    expect(finding.threshold).not.toBe('');
    expect(finding).toMatchObject({ evidence: [], advice: '', figure: null });
  }
});
