import type { Decision } from '../judging/define-judge.ts';
import type { OwnGap } from '../judging/own-gaps.ts';
import { isRejected } from './attempts.ts';

/** The worse the earlier; what could not be decided says less than what could. */
const BY_WEIGHT = ['fail', 'warn', 'pass', 'inconclusive', 'not-applicable'] as const;

/**
 * Waits after refusals and waits after faults, each judged by itself, as a client may back off from one and repeat the other
 * at once: together they would look like waits that are spread. Tells the worse, and of which it speaks where there are both.
 */
export function worseByCause(gaps: readonly OwnGap[], decide: (gaps: readonly OwnGap[]) => Decision): Decision {
  const causes = causesOf(gaps);
  if (causes.length === 1) return decide(gaps);
  const decisions = causes.map(({ name, gaps: own }) => {
    const decision = decide(own);
    return { ...decision, reason: `After ${name}: ${decision.reason}` };
  });
  return decisions.reduce((worse, one) => (weightOf(one) < weightOf(worse) ? one : worse));
}

/** Waits by what came before them, without causes that none has. */
export function causesOf(
  gaps: readonly OwnGap[],
): readonly { readonly name: string; readonly gaps: readonly OwnGap[] }[] {
  const byCause = Map.groupBy(gaps, ({ before }) => (isRejected(before) ? 'refusals' : 'faults'));
  return [...byCause].map(([name, own]) => ({ name, gaps: own })).sort((a, b) => b.gaps.length - a.gaps.length);
}

const weightOf = ({ status }: Decision): number => BY_WEIGHT.indexOf(status);
