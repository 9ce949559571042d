import { round } from '../format.ts';
import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { MAX_EVIDENCE } from '../judging/verdict.ts';
import { number } from '../judging/verdict-setting.ts';
import { isAdmitted } from '../run/attempts.ts';
import { computeLimitRates } from '../run/limit-rate.ts';
import { findPeak } from '../run/open-at.ts';
import type { Attempt, Run } from '../run/run-view.ts';
import { smallest } from '../statistics/extremes.ts';
import { median } from '../statistics/percentile.ts';

/**
 * Compares the peak of open attempts with what the quota can use (`backoff.md` 3.20): peak / (r × W + B) by Little's law, for
 * the tightest limit. W is the median duration of admitted attempts. An attempt that a fault of the provider holds, by a silence or a
 * delay, counts for W: longer than that, it is open by the provider's doing.
 */
export const concurrencyBlowUp = defineJudge({
  id: 'concurrency-blow-up',
  question: 'Are more requests in flight than the quota can use?',
  severity: 'warn',
  decidedBy: 'share',
  arrange: 'Set a limit with a rate below the load.',
  about: 'attempts',
  needs: { limits: 'always' },
  unit: 'times what the quota can use',
  settings: {
    warn: number(3, 'warn above this multiple of what the quota can use'),
    fail: number(10, 'fail above this multiple of what the quota can use'),
    needed: number(50, 'minimum admitted attempts, unless time is virtual'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn}, fail > ${fail}`,
  decide(run, { warn, fail, needed }) {
    const rates = computeLimitRates(run);
    if (rates.length === 0) return notApplicable('No request met a limit with a rate.');
    const admitted = run.attempts.filter(isAdmitted);
    const n = admitted.length;
    if (n === 0) return notApplicable('No request was admitted.');
    const serviceUs = median(admitted.map(({ startUs, endUs }) => endUs - startUs));
    const serviceS = serviceUs / 1e6;
    const usable = Math.max(1, smallest(rates.map(({ perSecond, burst }) => perSecond * serviceS + burst)));
    const open = run.attempts.map((attempt) => openByItself(attempt, serviceUs));
    const peak = findPeak(open);
    const rise = steepestRise(run);
    const perSecond = smallest(rates.map((rate) => rate.perSecond));
    const times = peak.count / usable;
    // The service time of few attempts is uncertain, unless time is virtual.
    const isKnown = isExact(run) || n >= needed;
    const status = above(times, warn, fail);
    return {
      status: isKnown || status === 'pass' ? status : 'inconclusive',
      n,
      needed: isExact(run) ? 1 : needed,
      figure: times,
      evidence: open
        .filter(({ startUs, endUs }) => startUs <= peak.atUs && endUs >= peak.atUs)
        .slice(0, MAX_EVIDENCE)
        .map(({ attempt }) => proof(attempt, `one of ${peak.count} attempts open at once`)),
      reason:
        `${peak.count} attempts were open at once; the quota can use ${usable < 10 ? round(usable) : Math.floor(usable)}. ` +
        `Largest rise in one second: ${rise} attempts (${round(rise / perSecond)}× the quota per second).`,
      advice:
        'Share one concurrency limit and one pacer among all workers, threads and batches; separate limits add up.',
    };
  },
});

/** Faults by which the provider holds a request. */
const HOLDING_FAULTS = new Set(['hang', 'stall', 'slow', 'slow-body']);

interface OpenAttempt {
  readonly attempt: Attempt;
  readonly startUs: number;
  readonly endUs: number;
}

/** How long an attempt was open, apart from what a fault held it for beyond the usual `serviceUs`. */
function openByItself(attempt: Attempt, serviceUs: number): OpenAttempt {
  const { startUs, endUs, fault } = attempt;
  const isHeld = fault !== undefined && HOLDING_FAULTS.has(fault);
  return { attempt, startUs, endUs: isHeld ? Math.min(endUs, startUs + serviceUs) : endUs };
}

/** The largest increase in attempts from one second to the next. */
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
