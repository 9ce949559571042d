import { judgeSeeds } from './judge-seeds.ts';
import type { Verdict } from './verdict.ts';

/** The verdicts of one seed. */
interface SeedVerdicts<Id extends string> {
  readonly seed: number;
  readonly verdicts: readonly Verdict<Id>[];
}

/** Returns whether a second seed must confirm a failure: a verdict decided by chance of severity `error` would fail. */
export function needsSecondSeed(verdicts: readonly Verdict[]): boolean {
  return verdicts.some(needsConfirmation);
}

/** Returns the verdicts of the first seed. Those to confirm fail if the second seed agrees, and have its result. */
export function withSecondSeed<Id extends string>(first: SeedVerdicts<Id>, second: SeedVerdicts<Id>): Verdict<Id>[] {
  const together = judgeSeeds([first, second]);
  return first.verdicts.map((verdict) => {
    if (!needsConfirmation(verdict)) return verdict;
    const agrees = together.some(({ id, status }) => id === verdict.id && status === 'fail');
    return { ...verdict, status: agrees ? 'fail' : verdict.status, secondSeed: { seed: second.seed, agrees } };
  });
}

function needsConfirmation({ severity, wouldFail }: Verdict): boolean {
  return severity === 'error' && wouldFail === true;
}
