import { formatDuration } from '../../../mock-server/duration.ts';
import { above, defineJudge, neverArose, proof, tooLittle } from '../judging/define-judge.ts';
import { moments, number } from '../judging/verdict-setting.ts';
import { limitRates } from '../run/limit-rate.ts';
import type { Attempt, Run } from '../run/run-view.ts';

const WINDOW_US = 1_000_000;

/** One declared start: first attempts in its first second, for each that the quota could take. */
interface Start {
  readonly atUs: number;
  readonly first: readonly Attempt[];
  readonly excess: number;
}

/**
 * Does a start or restart dump the backlog at once? (`backoff.md` 3.15.) Only starts that the scenario declares are judged:
 * a load model may begin with everybody on purpose.
 */
export const restartStampede = defineJudge({
  id: 'restart-stampede',
  question: 'Does a start send the whole backlog at once?',
  severity: 'warn',
  about: 'calls',
  unit: 'times the room there was',
  settings: {
    starts: moments('when processes start or queues resume'),
    warn: number(3, 'first attempts for each that the quota can take, above which it warns'),
    fail: number(10, 'first attempts for each that the quota can take, above which it fails'),
    needed: number(20, 'first attempts in the second after a start'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn}, fail > ${fail}`,
  decide(run, { starts, warn, fail, needed }) {
    if (starts.length === 0) return neverArose('The scenario declares no start (verdicts.restart-stampede.starts).');
    const seen = starts.map((atUs) => startAt(run, atUs));
    const judged = seen.filter(({ first }) => first.length >= needed);
    const n = seen.reduce((most, { first }) => Math.max(most, first.length), 0);
    if (judged.length === 0) {
      const reason = `${n} calls began in the second after a start; ${needed} are needed.`;
      return tooLittle(n, needed, reason, 'Let more work be waiting at the start.');
    }
    const worst = judged.reduce((most, one) => (one.excess > most.excess ? one : most));
    return {
      status: above(worst.excess, warn, fail),
      n,
      needed,
      figure: worst.excess,
      evidence: worst.first.map((attempt) =>
        proof(attempt, `first attempt, ${formatDuration(attempt.startUs - worst.atUs)} after the start`),
      ),
      reason:
        `In the second after the start at ${formatDuration(worst.atUs)}, ${worst.first.length} calls sent their first attempt: ` +
        `${worst.excess.toFixed(1)} for each that the quota could take.`,
      advice:
        'Begin at the rate of the quota: let a queue in front of the client release the backlog, and remember the last Retry-After.',
    };
  },
});

function startAt(run: Run, atUs: number): Start {
  const first = run.calls
    .flatMap(({ attempts }) => attempts.slice(0, 1))
    .filter(({ startUs }) => startUs >= atUs && startUs < atUs + WINDOW_US);
  const [earliest] = first.toSorted((a, b) => a.startUs - b.startUs);
  const rooms = limitRates(run).map(({ limit, perSecond, cost }) => {
    const sight = earliest?.limits.find((seen) => seen.limit === limit);
    return (sight?.before ?? 0) / cost + (perSecond * WINDOW_US) / 1e6;
  });
  const room = Math.max(1, Math.min(...rooms));
  return { atUs, first, excess: rooms.length === 0 ? 0 : first.length / room };
}
