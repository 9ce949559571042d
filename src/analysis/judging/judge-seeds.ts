import type { Verdict, VerdictStatus } from './verdict.ts';

/** Seeds that must agree on what rests on chance (`backoff.md` 3.0). */
const AGREEING = 2;

/** The worse, the later; what could not be decided outweighs what was seen to be right. */
const GRAVITY: readonly VerdictStatus[] = ['not-applicable', 'pass', 'inconclusive', 'warn', 'fail'];

/**
 * One verdict of each kind over the runs of several seeds, as `judgeRun` gives them. What needs no chance is as bad as its
 * worst seed; what rests on chance fails only where two seeds would, and warns where one did. Evidence, figure and words are
 * those of the worst seed, which the reason names.
 */
export function judgeSeeds(
  seeds: readonly { readonly seed: number; readonly verdicts: readonly Verdict[] }[],
): Verdict[] {
  const ids = seeds[0]?.verdicts.map(({ id }) => id) ?? [];
  return ids.map((id) => {
    const own = seeds.flatMap(({ seed, verdicts }) =>
      verdicts.filter((verdict) => verdict.id === id).map((verdict) => ({ seed, verdict })),
    );
    const failing = own.filter(({ verdict }) => verdict.wouldFail || verdict.status === 'fail');
    const worst = own.reduce((most, one) => (gravityOf(one.verdict) > gravityOf(most.verdict) ? one : most));
    const { wouldFail, ...verdict } = worst.verdict;
    const agreed = wouldFail === true && failing.length >= AGREEING;
    const bad = own.filter((one) => gravityOf(one.verdict) === gravityOf(worst.verdict)).map(({ seed }) => seed);
    return {
      ...verdict,
      ...(wouldFail && !agreed && { wouldFail }),
      status: agreed ? 'fail' : verdict.status,
      reason: bad.length === own.length ? verdict.reason : `Seed ${bad.join(', ')}: ${verdict.reason}`,
    };
  });
}

function gravityOf({ status, wouldFail }: Verdict): number {
  return GRAVITY.indexOf(status) + (wouldFail ? 0.5 : 0);
}
