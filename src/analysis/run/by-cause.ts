import type { OwnGap } from '../judging/own-gaps.ts';
import type { Judgement } from '../judging/verdict.ts';

/** From worst to best; undecided statuses rank last. */
const FROM_WORST = ['fail', 'warn', 'pass', 'inconclusive', 'not-applicable'] as const;

/**
 * Judges waits after each cause separately and returns the worst result. If a run has several, the reason names the cause. A
 * client may back off after one and retry the other at once; mixed together, such waits look jittered.
 */
export function judgeByCause(gaps: readonly OwnGap[], decide: (gaps: readonly OwnGap[]) => Judgement): Judgement {
  const causes = groupByCause(gaps);
  if (causes.length === 1) return decide(gaps);
  const judgements = causes.map(({ name, gaps: own }) => {
    const judgement = decide(own);
    return { ...judgement, reason: `After ${name}: ${judgement.reason}` };
  });
  return judgements.reduce((worst, next) => (severityRank(next) < severityRank(worst) ? next : worst));
}

/** Groups waits by the cause before them, largest group first. */
export function groupByCause(
  gaps: readonly OwnGap[],
): readonly { readonly name: string; readonly gaps: readonly OwnGap[] }[] {
  const byCause = Map.groupBy(gaps, ({ cause }) => cause);
  return [...byCause].map(([name, own]) => ({ name, gaps: own })).sort((a, b) => b.gaps.length - a.gaps.length);
}

const severityRank = ({ status }: Judgement): number => FROM_WORST.indexOf(status);
