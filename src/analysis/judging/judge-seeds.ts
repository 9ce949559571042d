import type { Verdict, VerdictStatus } from './verdict.ts';

/** Seeds that must agree for a verdict decided by chance to fail (`backoff.md` 3.0). */
const MIN_AGREEING_SEEDS = 2;

/** Statuses from best to worst; `inconclusive` outweighs `pass`. */
const BY_GRAVITY: readonly VerdictStatus[] = ['not-applicable', 'pass', 'inconclusive', 'warn', 'fail'];

/**
 * Combines the verdicts of several seeds, as `judgeRun` returns them, into one per id. A verdict takes the status of its worst
 * seed; a verdict decided by chance fails only if two seeds would fail, and warns if one would. Evidence, figure and reason come from
 * the worst seed, which the reason names.
 */
export function judgeSeeds<Id extends string>(
  seeds: readonly { readonly seed: number; readonly verdicts: readonly Verdict<Id>[] }[],
): Verdict<Id>[] {
  const ids = seeds[0]?.verdicts.map(({ id }) => id) ?? [];
  return ids.map((id) => {
    const own = seeds.flatMap(({ seed, verdicts }) =>
      verdicts.filter((verdict) => verdict.id === id).map((verdict) => ({ seed, verdict })),
    );
    const failing = own.filter(({ verdict }) => verdict.wouldFail || verdict.status === 'fail');
    const worst = own.reduce((most, one) => (gravity(one.verdict) > gravity(most.verdict) ? one : most));
    const { wouldFail, ...verdict } = worst.verdict;
    const agreed = wouldFail === true && failing.length >= MIN_AGREEING_SEEDS;
    const bad = own.filter((one) => gravity(one.verdict) === gravity(worst.verdict)).map(({ seed }) => seed);
    return {
      ...verdict,
      ...(wouldFail && !agreed && { wouldFail }),
      status: agreed ? 'fail' : verdict.status,
      reason: bad.length === own.length ? verdict.reason : `Seed ${bad.join(', ')}: ${verdict.reason}`,
    };
  });
}

function gravity({ status, wouldFail }: Verdict): number {
  return BY_GRAVITY.indexOf(status) + (wouldFail ? 0.5 : 0);
}
