import { formatMetric, round } from '../format.ts';
import { above, defineJudge, notApplicable, proof } from '../judging/define-judge.ts';
import { isExact } from '../judging/how-much-is-proof.ts';
import { number, times } from '../judging/verdict-setting.ts';
import { computeLimitRates } from '../run/limit-rate.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { smallest } from '../statistics/extremes.ts';

const WINDOW_US = 1_000_000;

/** A declared start: the first attempts in its first second, and their multiple of what the quota could admit. */
interface Start {
  readonly atUs: number;
  readonly first: readonly Attempt[];
  readonly excess: number;
}

/**
 * Detects a start or restart that sends the whole backlog at once (`backoff.md` 3.15). Judges restarts of replicas, and starts that
 * the scenario declares, since a load may deliberately begin with all VUs.
 */
export const restartStampede = defineJudge({
  id: 'restart-stampede',
  question: 'Does a start send the whole backlog at once?',
  severity: 'warn',
  decidedBy: 'share',
  arrange: 'Set starts of this verdict to the times at which processes start or queues resume.',
  about: 'calls',
  needs: { limits: 'always' },
  unit: '× what the quota could admit',
  settings: {
    starts: times('times at which processes start or queues resume'),
    warn: number(3, 'warn above this multiple of what the quota can admit'),
    fail: number(10, 'fail above this multiple of what the quota can admit'),
    needed: number(20, 'minimum first attempts in the second after a start, unless time is virtual'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn}, fail > ${fail}`,
  decide(run, { starts, warn, fail, needed }) {
    const restarts = restartsOf(run);
    if (starts.length === 0 && restarts.length === 0)
      return notApplicable('The scenario declares no starts (verdicts.restart-stampede.starts).');
    const evaluated = [...starts.map((atUs) => startAt(run, atUs)), ...restarts.map((atUs) => restartAt(run, atUs))];
    const worst = evaluated.reduce((most, one) => (one.excess > most.excess ? one : most));
    const n = worst.first.length;
    if (n === 0) return notApplicable('No call started in the second after a declared start.');
    const status = above(worst.excess, warn, fail);
    // On a busy machine, a few calls may start together by chance.
    const isKnown = isExact(run) || n >= needed || status === 'pass';
    return {
      status: isKnown ? status : 'inconclusive',
      n,
      needed: isExact(run) ? 1 : needed,
      figure: worst.excess,
      evidence: worst.first.map((attempt) =>
        proof(attempt, `first attempt, ${formatMetric(attempt.startUs - worst.atUs)} after the start`),
      ),
      reason:
        `${worst.first.length} calls sent their first attempt in the second after the start at ${formatMetric(worst.atUs)}: ` +
        `${round(worst.excess)}× what the quota could admit.`,
      advice:
        'Start at the rate of the quota: release the backlog through a queue, and remember the last Retry-After across restarts.',
    };
  },
});

/** When replicas of a deploy or after a crash begin to take calls. */
function restartsOf({ replicas }: Run): number[] {
  const starts = replicas.filter(({ change, reason }) => change === 'start' && reason === 'restart');
  return [...new Set(starts.map(({ atUs }) => atUs))];
}

/** A restart: the calls of the replicas that start in the same second, and not those of replicas that were up. */
function restartAt(run: Run, atUs: number): Start {
  const started = run.replicas.filter((one) => one.change === 'start' && isWithin(one.atUs, atUs));
  const names = new Set(started.map(({ replica }) => replica));
  const isNew = ({ replica }: Call): boolean => replica !== undefined && names.has(replica);
  return startAt({ ...run, calls: run.calls.filter(isNew) }, atUs);
}

const isWithin = (us: number, atUs: number): boolean => us >= atUs && us < atUs + WINDOW_US;

function startAt(run: Run, atUs: number): Start {
  const first = run.calls
    .flatMap(({ attempts }) => attempts.slice(0, 1))
    .filter(({ startUs }) => isWithin(startUs, atUs));
  const [earliest] = first.toSorted((a, b) => a.startUs - b.startUs);
  const rooms = computeLimitRates(run).map(({ limit, perSecond, cost }) => {
    const view = earliest?.limits.find((candidate) => candidate.limit === limit);
    return (view?.before ?? 0) / cost + (perSecond * WINDOW_US) / 1e6;
  });
  const room = Math.max(1, smallest(rooms));
  return { atUs, first, excess: rooms.length === 0 ? 0 : first.length / room };
}
