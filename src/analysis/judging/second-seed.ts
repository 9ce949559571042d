import { judgeSeeds } from './judge-seeds.ts';
import type { Verdict } from './verdict.ts';

/** Verdicts of one seed. */
interface OfSeed {
  readonly seed: number;
  readonly verdicts: readonly Verdict[];
}

/** Whether a second seed decides if the run passes: an `error` that rests on chance would fail. */
export function needsSecondSeed(verdicts: readonly Verdict[]): boolean {
  return verdicts.some(isOpen);
}

/** The verdicts of a run; those that rest on chance fail where another seed agrees, and say what it said. */
export function withSecondSeed(first: OfSeed, second: OfSeed): Verdict[] {
  const together = judgeSeeds([first, second]);
  return first.verdicts.map((verdict) => {
    if (!isOpen(verdict)) return verdict;
    const agrees = together.some(({ id, status }) => id === verdict.id && status === 'fail');
    return { ...verdict, status: agrees ? 'fail' : verdict.status, secondSeed: { seed: second.seed, agrees } };
  });
}

function isOpen({ severity, wouldFail }: Verdict): boolean {
  return severity === 'error' && wouldFail === true;
}
