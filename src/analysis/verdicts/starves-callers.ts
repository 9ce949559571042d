import { formatDuration } from '../../../mock-server/duration.ts';
import { type Random, randomFor } from '../../../mock-server/random.ts';
import { planOf } from '../../load/plan-of.ts';
import { defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { number, share } from '../judging/verdict-setting.ts';
import { isRejected } from '../run/attempts.ts';
import type { Call, Run } from '../run/run-view.ts';
import { bootstrapInterval } from '../statistics/interval.ts';

/** One caller of a load in which all want the same, and what it got. */
interface Caller {
  readonly vu: number;
  readonly answered: number;
  readonly calls: readonly Call[];
}

const SAMPLES = 2000;
const FALSE_ALARMS = 0.01;

/**
 * Is the quota shared fairly among like callers? (`backoff.md` 3.17.) Jain's index over the answers that each virtual user of
 * a closed load got, against what chance alone gives (4.4, drawn from a fixed seed).
 */
export const starvesCallers = defineJudge({
  id: 'starves-callers',
  question: 'Does everybody get a fair share of the quota?',
  severity: 'warn',
  about: 'calls',
  statistical: true,
  unit: "of 1 (Jain's index)",
  settings: {
    least: share(0.5, 'share of the mean that the worst off must get'),
    callers: number(5, 'callers of like demand that are needed'),
    answers: number(10, 'answers a caller, on average, that are needed'),
  },
  threshold: ({ least }) =>
    `fail below what chance gives in 99 of 100 runs, with the worst off below ${least * 100} % of the mean`,
  decide(run, settings) {
    if (!run.attempts.some(isRejected)) return neverArose('Nothing was refused: there was enough for all.');
    const callers = largestGroup(run);
    if (callers.length < 2)
      return neverArose('No load has several virtual users that each want as much as they can get.');
    const gains = callers.map(({ answered }) => answered);
    const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
    const n = callers.length;
    if (n < settings.callers || mean < settings.answers) {
      const reason = `${n} callers got ${mean.toFixed(1)} answers each; ${settings.callers} callers and ${settings.answers} answers are needed.`;
      return tooLittle(n, settings.callers, reason, 'Run longer, or with more virtual users.');
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
              `VU ${worst.vu}: ${result === 'ok' ? 'answered' : 'not answered'} after ${formatDuration(endUs - startUs)}`,
            ),
          ),
      ),
      reason:
        `${n} callers got ${mean.toFixed(1)} answers each, the worst off (VU ${worst.vu}) ${worst.answered}: ` +
        `an index of ${index.toFixed(2)}, where chance alone gives ${bound.toFixed(2)} or more.`,
      advice:
        'Queue calls in order of arrival in front of the client, or let a call that has waited long go before a new one.',
    };
  },
});

/** The virtual users of the closed load that has the most of them. */
function largestGroup(run: Run): Caller[] {
  const byVu = Map.groupBy(run.calls, ({ vu }) => vu);
  let first = 1;
  let largest: Caller[] = [];
  for (const executor of run.header.scenario.load) {
    const vus = planOf(executor).maxVus;
    if (executor.executor === 'constant-vus' && vus > largest.length) {
      largest = Array.from({ length: vus }, (_, index) => {
        const calls = byVu.get(first + index) ?? [];
        return { vu: first + index, calls, answered: calls.filter(({ result }) => result === 'ok').length };
      });
    }
    first += vus;
  }
  return largest;
}

/** Jain's index: 1 where all got the same, 1 / n where one got everything (Jain, Chiu and Hawe 1984). */
function jain(gains: readonly number[]): number {
  const sum = gains.reduce((total, gain) => total + gain, 0);
  const squares = gains.reduce((total, gain) => total + gain ** 2, 0);
  return squares === 0 ? 1 : sum ** 2 / (gains.length * squares);
}

/** The index that like callers fall below in one of a hundred runs, where each answer goes to any of them alike. */
function chanceBound(callers: number, mean: number): number {
  const random = randomFor(callers, `jain:${Math.round(mean)}`);
  const indices = Array.from({ length: SAMPLES }, () =>
    jain(Array.from({ length: callers }, () => poisson(mean, random))),
  ).sort((a, b) => a - b);
  return indices[Math.floor(FALSE_ALARMS * SAMPLES)]!;
}

/** A Poisson number: by counting for small means (Knuth), by the normal approximation beyond. */
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
