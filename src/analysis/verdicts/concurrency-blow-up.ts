import { MOST_EVIDENCE } from '../judging/clearest.ts';
import { above, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { isAdmitted } from '../run/attempts.ts';
import { limitRates } from '../run/limit-rate.ts';
import { peakOf } from '../run/open-at.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { median } from '../statistics/percentile.ts';

/**
 * Is more in flight than the quota can use? (`backoff.md` 3.20.) The most open attempts / (r × W + B), by Little's law, for
 * the limit that can use the fewest; W is the median time that admitted attempts take.
 */
export const concurrencyBlowUp = defineJudge({
  id: 'concurrency-blow-up',
  question: 'Is more in flight than the quota can use?',
  severity: 'warn',
  about: 'attempts',
  unit: 'times what the quota can use',
  settings: {
    warn: number(3, 'times what the quota can use above which it warns'),
    fail: number(10, 'times what the quota can use above which it fails'),
    needed: number(50, 'admitted attempts that must have been seen'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn}, fail > ${fail}`,
  decide(run, { warn, fail, needed }) {
    const rates = limitRates(run);
    if (rates.length === 0) return neverArose('No limit was met that has a rate.');
    const admitted = run.attempts.filter(isAdmitted);
    const n = admitted.length;
    if (n < needed) {
      return tooLittle(
        n,
        needed,
        `${n} attempts were admitted; ${needed} are needed.`,
        'Run longer, or with more load.',
      );
    }
    const serviceS = median(admitted.map(({ startUs, endUs }) => endUs - startUs)) / 1e6;
    const usable = Math.max(1, Math.min(...rates.map(({ perSecond, burst }) => perSecond * serviceS + burst)));
    const peak = peakOf(run.attempts);
    const rise = steepestRise(run);
    const perSecond = Math.min(...rates.map((rate) => rate.perSecond));
    const times = peak.count / usable;
    return {
      status: above(times, warn, fail),
      n,
      needed,
      figure: times,
      evidence: run.attempts
        .filter(({ startUs, endUs }) => startUs <= peak.atUs && endUs >= peak.atUs)
        .slice(0, MOST_EVIDENCE)
        .map((attempt) => proof(attempt, `one of ${peak.count} that were open at once`)),
      reason:
        `Up to ${peak.count} attempts were open at once, where the quota can use ${usable.toFixed(1)}; ` +
        `from one second to the next they grew by ${rise} (${(rise / perSecond).toFixed(1)} × the quota of a second).`,
      advice:
        'Share one limit of concurrency and one pacer among all workers, threads and batches: their numbers multiply.',
    };
  },
});

/** The largest rise in attempts from one second to the next. */
function steepestRise({ attempts }: Run): number {
  const bySecond = new Map<number, number>();
  for (const { startUs } of attempts as readonly Attempt[]) {
    const second = Math.floor(startUs / 1e6);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  let steepest = 0;
  for (const [second, count] of bySecond) steepest = Math.max(steepest, count - (bySecond.get(second - 1) ?? 0));
  return steepest;
}
