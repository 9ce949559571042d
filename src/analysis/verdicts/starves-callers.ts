import { type Random, randomFor } from '../../../mock-server/random.ts';
import { planOf } from '../../load/executors.ts';
import { hasEqualDemand } from '../../load/plan.ts';
import { formatMetric, round } from '../format.ts';
import { defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { wasHeld } from '../ledger/late-calls.ts';
import { isRejected } from '../run/attempts.ts';
import type { Call, Run } from '../run/run-view.ts';
import { bootstrapInterval } from '../statistics/interval.ts';

/** A caller in a load where all callers have equal demand, and its replies. */
interface Caller {
  readonly vu: number;
  readonly answered: number;
  readonly calls: readonly Call[];
}

const SAMPLES = 2000;
const FALSE_ALARMS = 0.01;

/**
 * Checks that equal callers share the quota fairly (`backoff.md` 3.17): Jain's index over the replies of each VU of a closed
 * load, against the bound of chance (4.4, from a fixed seed).
 */
export const starvesCallers = defineJudge({
  id: 'starves-callers',
  question: 'Do all callers get a fair share of the quota?',
  severity: 'warn',
  decidedBy: 'chance',
  arrange: 'Use constant-vus with at least 5 VUs, and set a limit below their load.',
  about: 'calls',
  needs: { caller: 'always' },
  unit: "of 1 (Jain's index)",
  settings: {
    least: share(0.5, 'share of the mean that the worst-off caller must get'),
    callers: number(5, 'minimum callers with equal demand'),
    answers: number(10, 'minimum mean replies per caller'),
  },
  threshold: ({ least }) =>
    `fail below the 99 % bound of chance, with the worst-off caller below ${least * 100} % of the mean`,
  decide(run, settings) {
    if (!run.attempts.some(isRejected) && !run.calls.some(wasHeld))
      return notApplicable(
        'No request was refused, and no call was held in the client: there was enough for all callers.',
      );
    const callers = largestGroup(run);
    if (callers.length < 2)
      return notApplicable('No load has several VUs with equal, unlimited demand (constant-vus).');
    const gains = callers.map(({ answered }) => answered);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    const n = callers.length;
    if (n < settings.callers || mean < settings.answers) {
      const reason = `${n} callers got ${round(mean)} replies each on average; ${settings.callers} callers and ${settings.answers} replies are needed.`;
      return inconclusive(n, settings.callers, reason, 'Run longer or with more VUs.');
    }
    const index = jain(gains);
    const bound = chanceBound(n, mean);
    const worst = callers.reduce((least, one) => (one.answered < least.answered ? one : least));
    const starving = index < bound && worst.answered / mean < settings.least;
    return {
      status: starving ? 'fail' : 'pass',
      n,
      needed: settings.callers,
      figure: index,
      interval: bootstrapInterval(gains, jain),
      evidence: worst.calls.flatMap(({ attempts, result, startUs, endUs }) =>
        attempts
          .slice(-1)
          .map((last) =>
            proof(
              last,
              `VU ${worst.vu}: ${result === 'ok' ? 'answered' : 'not answered'} after ${formatMetric(endUs - startUs)}`,
            ),
          ),
      ),
      reason:
        `Fairness index ${round(index)} (chance: at least ${round(bound)}). ` +
        `${n} callers got ${round(mean)} replies each on average; the worst-off (VU ${worst.vu}) got ${worst.answered}.`,
      advice: 'Queue calls in order of arrival in front of the client, or let long-waiting calls go before new ones.',
    };
  },
});

/** The VUs of the largest closed load. */
function largestGroup(run: Run): Caller[] {
  const byVu = Map.groupBy(run.calls, ({ vu }) => vu);
  let first = 1;
  let largest: Caller[] = [];
  for (const executor of run.header.scenario.load) {
    const plan = planOf(executor);
    const vus = plan.maxVus;
    if (hasEqualDemand(plan) && vus > largest.length) {
      largest = Array.from({ length: vus }, (_, index) => {
        const calls = byVu.get(first + index) ?? [];
        return { vu: first + index, calls, answered: calls.filter(({ result }) => result === 'ok').length };
      });
    }
    first += vus;
  }
  return largest;
}

/** Jain's fairness index: 1 if all shares are equal, 1 / n if one caller gets everything (Jain, Chiu and Hawe 1984). */
function jain(gains: readonly number[]): number {
  const sum = gains.reduce((total, gain) => total + gain, 0);
  const squares = gains.reduce((total, gain) => total + gain ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (gains.length * squares);
}

/** The index that equal callers fall below in 1 of 100 runs, if each reply goes to a random caller. */
function chanceBound(callers: number, mean: number): number {
  const random = randomFor(callers, `jain:${Math.round(mean)}`);
  const indices = Array.from({ length: SAMPLES }, () =>
    jain(Array.from({ length: callers }, () => poisson(mean, random))),
  ).sort((a, b) => a - b);
  return indices[Math.floor(FALSE_ALARMS * SAMPLES)]!;
}

/** A Poisson random number: Knuth's method for small means, the normal approximation for large ones. */
function poisson(mean: number, random: Random): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const stop = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > stop; product *= random()) count++;
  return count;
}
