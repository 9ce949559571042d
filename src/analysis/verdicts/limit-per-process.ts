import { round } from '../format.ts';
import { above, defineJudge, inconclusive, notApplicable, proof } from '../judging/define-judge.ts';
import { number } from '../judging/verdict-setting.ts';
import { isRejected } from '../run/attempts.ts';
import { findTightestRate } from '../run/limit-rate.ts';
import type { Attempt, Call } from '../run/run-view.ts';

const SECOND_US = 1_000_000;

/** How fast a replica sends first attempts by its own rule: in the seconds in which it holds a call back. */
interface Pace {
  readonly replica: string;
  readonly perSecond: number;
  /** Number of such seconds. */
  readonly seconds: number;
}

/**
 * Compares what the replicas of a client send together with the quota. A queue or rate limiter lives in one process: eight
 * replicas with one of 5/s each send 40/s. Only replicas that hold calls back are judged, in the seconds in which they do, by
 * their first attempts; the sum of these paces is divided by the sustained rate of the tightest limit.
 */
export const limitPerProcess = defineJudge({
  id: 'limit-per-process',
  question: "Do the replicas' own limits add up to more than the quota?",
  severity: 'error',
  decidedBy: 'share',
  arrange: 'Set client.replicas to 2 or more, and a load that the client has to queue.',
  about: 'calls',
  needs: { limits: 'always', caller: 'always' },
  unit: '× the quota',
  settings: {
    warn: number(1.1, 'warn above this multiple of the quota'),
    fail: number(1.5, 'fail above this multiple of the quota'),
    needed: number(5, 'minimum seconds in which a replica holds calls back'),
  },
  threshold: ({ warn, fail }) => `warn > ${warn}, fail > ${fail}`,
  decide(run, { warn, fail, needed }) {
    const byReplica = Map.groupBy(
      run.calls.filter(({ replica }) => replica !== undefined),
      ({ replica }) => replica!,
    );
    if (byReplica.size < 2) return notApplicable('The run has one process (client.replicas).');
    const quota = findTightestRate(run);
    if (!quota) return notApplicable('No limit with a rate was charged.');
    const paces = [...byReplica].map(([replica, calls]) => paceOf(replica, calls));
    const paced = paces.filter(({ seconds }) => seconds > 0);
    if (paced.length < 2) return notApplicable('No two replicas held calls back: they have no limit of their own.');
    const heldSeconds = paced.reduce((fewest, { seconds }) => Math.min(fewest, seconds), Infinity);
    const total = paced.reduce((sum, { perSecond }) => sum + perSecond, 0);
    const figure = total / quota.perSecond;
    const reason = describe(paced, total, quota);
    if (heldSeconds < needed) return inconclusive(heldSeconds, needed, reason, 'Run longer, or with more load.');
    const refused = run.attempts.filter((attempt) => isRejected(attempt) && attempt.deniedBy === quota.limit);
    const status = above(figure, warn, fail);
    if (status !== 'pass' && refused.length === 0) {
      return inconclusive(0, 1, `${reason} Nothing was refused yet.`, 'Run longer, until the quota is used up.');
    }
    return { status, n: paced.length, needed: 2, figure, evidence: evidenceOf(refused), reason, advice: ADVICE };
  },
});

const ADVICE =
  "Share one limit: divide the quota by the number of replicas, keep the limiter's state in Redis, or follow the provider's x-ratelimit headers, which count the whole fleet.";

function describe(
  paced: readonly Pace[],
  total: number,
  { limit, perSecond }: { readonly limit: string; readonly perSecond: number },
): string {
  const each = total / paced.length;
  const of = rate(perSecond);
  return `${paced.length} replicas, each held to ${rate(each)} by a limit of its own, send ${rate(total)}; the quota (${limit}) is ${of}.`;
}

/** In the unit that makes it readable: a slow quota is per minute. */
function rate(perSecond: number): string {
  const [value, unit] = perSecond < 0.5 ? [perSecond * 60, 'min'] : [perSecond, 's'];
  return `${round(value)}/${unit}`;
}

function evidenceOf(refused: readonly Attempt[]): ReturnType<typeof proof>[] {
  return refused.map((attempt) => proof(attempt, `refused to replica ${attempt.replica ?? 'unknown'}`));
}

/** Counts first attempts in the seconds in which, for at least half of the time, a call waits in the client. */
function paceOf(replica: string, calls: readonly Call[]): Pace {
  const sent = new Map<number, number>();
  for (const { attempts } of calls) if (attempts[0]) add(sent, Math.floor(attempts[0].startUs / SECOND_US), 1);
  const held = [...heldTimes(calls)].flatMap(([second, us]) => (us >= SECOND_US / 2 ? [second] : []));
  const total = held.reduce((sum, second) => sum + (sent.get(second) ?? 0), 0);
  return { replica, perSecond: held.length === 0 ? 0 : total / held.length, seconds: held.length };
}

/** Returns for how long at least one call waits in the client, by second of the run. */
function heldTimes(calls: readonly Call[]): Map<number, number> {
  const times = new Map<number, number>();
  let untilUs = 0;
  for (const { startUs, endUs, attempts } of calls) {
    const firstUs = attempts[0]?.startUs ?? endUs;
    for (let atUs = Math.max(startUs, untilUs); atUs < firstUs; ) {
      const second = Math.floor(atUs / SECOND_US);
      const nextUs = Math.min(firstUs, (second + 1) * SECOND_US);
      add(times, second, nextUs - atUs);
      atUs = nextUs;
    }
    untilUs = Math.max(untilUs, firstUs);
  }
  return times;
}

function add(counts: Map<number, number>, key: number, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
