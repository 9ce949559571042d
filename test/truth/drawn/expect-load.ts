import type { Call } from '../../../src/analysis/run/run-view.ts';
import { mostAttempts, ownWaitRangeMs } from './client-value.ts';
import { byFigure, type Expectation, type Seen } from './seen.ts';
import type { FaultInput } from './world.ts';

const S_US = 1_000_000;
const PATIENCE_US = 60 * S_US;

/** More attempts a call than it should have cost. */
export function expectAmplifies({ client, run }: Seen): Expectation {
  if (client.job) return 'open';
  const calls = run.calls.filter(({ attempts }) => attempts.length > 0);
  const troubled = run.attempts.filter(
    ({ status, outcome }) => status === 429 || status >= 400 || outcome !== 'response',
  );
  if (troubled.length === 0 || mostAttempts(client) <= 2) return client.hedgeAfterMs === null ? 'clean' : 'open';
  const ratio = run.attempts.length / Math.max(1, calls.length);
  return mostAttempts(client) > 5 && ratio < 2.3 ? 'open' : byFigure(ratio, 1.5, 2.3);
}

export function expectUnbounded({ client, run }: Seen): Expectation {
  if (mostAttempts(client) * (client.job?.tries ?? 1) <= 5) return 'clean';
  const byWork = client.job
    ? [...Map.groupBy(run.calls, ({ vu }) => vu).values()].map(untilAnswered)
    : run.calls.map((call) => [call]);
  const most = Math.max(0, ...byWork.map((calls) => calls.reduce((sum, { attempts }) => sum + attempts.length, 0)));
  return most > 5 ? 'fault' : 'open';
}

/** The calls for one job: up to the first that succeeded. */
function untilAnswered(calls: readonly Call[]): readonly Call[] {
  const answered = calls.findIndex(({ result }) => result === 'ok');
  return answered === -1 ? calls : calls.slice(0, answered + 1);
}

/** A second round of attempts within one call. */
export function expectLayers({ client, run }: Seen): Expectation {
  const { outer, attempts, sendsRetryCount, wait } = client;
  if (client.job) return 'open';
  if (outer === null) return client.hedgeAfterMs === null ? 'clean' : 'open';
  if (attempts === null || attempts < 2 || client.hedgeAfterMs !== null) return 'open';
  const all = run.calls.filter((call) => call.attempts.length === attempts * outer.rounds);
  if (sendsRetryCount) return all.length > 0 ? 'fault' : 'open';
  const [least] = ownWaitRangeMs(wait, attempts - 2);
  const falls = attempts >= 3 && outer.pauseMs < least / 2 && wait.jitter === 'none' && wait.factor >= 2;
  return falls && all.length >= 10 && all.length >= 0.8 * run.calls.length ? 'fault' : 'open';
}

/** Calls that were lost though the limit had room for them within a minute. */
export function expectGivesUpEarly({ client, world, run, endingOf }: Seen): Expectation {
  if (client.gate.kind === 'permits') return 'open';
  const lost = run.calls.filter(({ result, attempts }) => {
    const last = attempts.at(-1);
    return result === 'error' && (last === undefined || endingOf(last) === 'refused');
  });
  if (lost.length === 0) return 'clean';
  if (world.quotaPerS === Infinity || world.faults.length > 0 || client.hedgeAfterMs !== null) return 'open';
  // A lower bound: only the room after the last attempt that was admitted.
  let freeFromUs = Math.max(
    0,
    ...run.attempts.filter((attempt) => endingOf(attempt) === 'answered').map(({ startUs }) => startUs),
  );
  let recoverable = 0;
  for (const { startUs, endUs } of lost.sort((a, b) => a.startUs - b.startUs)) {
    const atUs = Math.max(endUs, freeFromUs + (1.05 * S_US) / world.quotaPerS);
    if (atUs > startUs + PATIENCE_US) continue;
    freeFromUs = atUs;
    recoverable++;
  }
  return recoverable / run.calls.length > 0.15 && recoverable >= 5 ? 'fault' : 'open';
}

/** After an outage, the answers do not come back though calls do. */
export function expectNoRecovery({ client, world, run, endingOf }: Seen): Expectation {
  const outage = world.faults.find((fault) => fault.for !== undefined && fault.at !== undefined);
  if (outage === undefined) return 'clean';
  const overUs = (Number.parseInt(String(outage.at), 10) + Number.parseInt(String(outage.for), 10)) * S_US;
  // What the caller got may be a lie, so answers count.
  const isAnswered = ({ attempts }: Call): boolean => attempts.some((attempt) => endingOf(attempt) === 'answered');
  const shareFrom = (fromUs: number): number => {
    const later = run.calls.filter(({ startUs }) => startUs >= fromUs);
    return later.filter(isAnswered).length / Math.max(1, later.length);
  };
  const { gate } = client;
  if (gate.kind === 'breaker') return shareFrom(overUs) < 0.3 ? 'fault' : 'open';
  if (gate.kind !== 'none' && gate.kind !== 'queue') return 'open';
  return shareFrom(overUs + 20 * S_US) > 0.97 && mostAttempts(client) <= 5 ? 'clean' : 'open';
}

/** Its own queue is slower than the quota, and calls wait in it; or nothing was ever refused and nothing waited. */
export function expectUnused({ client, world, run, endingOf }: Seen): Expectation {
  const { gate } = client;
  // From then on there is no quota that could be used.
  const isShut = world.faults.some((fault) => fault.kind === 'refuse' && fault.for === undefined && !isPartial(fault));
  if (isShut && gate.kind !== 'none') return 'open';
  const waited = run.calls.filter(({ startUs, attempts }) => (attempts[0]?.startUs ?? startUs) - startUs > S_US);
  const refused = run.attempts.some((attempt) => endingOf(attempt) === 'refused');
  if (gate.kind === 'queue' && world.quotaPerS !== Infinity && world.faults.length === 0) {
    const share = 1000 / gate.everyMs / world.quotaPerS;
    if (share > 0.95 && !refused) return 'clean';
    return share < 0.6 && waited.length >= 20 && run.endUs > 20 * S_US ? 'fault' : 'open';
  }
  if (gate.kind === 'permits' && gate.over === 'call') {
    const held = waited.filter(({ startUs, attempts }) => (attempts[0]?.startUs ?? startUs) - startUs > 3 * S_US);
    const answered = run.attempts.filter((attempt) => endingOf(attempt) === 'answered').length;
    return held.length >= 20 && answered < 0.4 * world.quotaPerS * (run.endUs / S_US) ? 'fault' : 'open';
  }
  return !refused && waited.length === 0 && gate.kind === 'none' ? 'clean' : 'open';
}

const isPartial = ({ rate, every, first, match }: FaultInput): boolean =>
  rate !== undefined || every !== undefined || first !== undefined || match !== undefined;

/** The peak of open attempts against what the quota keeps busy. */
export function expectBlowUp({ client, world, run, endingOf }: Seen): Expectation {
  const admitted = run.attempts.filter((attempt) => endingOf(attempt) === 'answered');
  const limit = world.limits[0];
  if (world.quotaPerS === Infinity || typeof limit !== 'object' || !('capacity' in limit)) return 'open';
  if (client.gate.kind === 'queue') return 'clean';
  if (admitted.length < 50) return 'open';
  const served = admitted.map(({ startUs, endUs }) => endUs - startUs).sort((a, b) => a - b);
  const usable = (world.quotaPerS * served[served.length >> 1]!) / S_US + Number(limit.capacity);
  const edges = run.attempts
    .flatMap(({ startUs, endUs }) => [
      { atUs: startUs, by: 1 },
      { atUs: endUs, by: -1 },
    ])
    .sort((a, b) => a.atUs - b.atUs || a.by - b.by);
  let open = 0;
  let peak = 0;
  for (const { by } of edges) {
    open += by;
    peak = Math.max(peak, open);
  }
  return byFigure(peak / usable, 2, 4);
}

/** One caller is served before all others, who compete for less than they want. */
export function expectStarves({ client, run }: Seen): Expectation {
  const { kind } = client.gate;
  if (kind !== 'favours-first') return kind === 'none' || kind === 'queue' ? 'clean' : 'open';
  const byVu = [...Map.groupBy(run.calls, ({ vu }) => vu).values()];
  const answers = byVu.map((calls) => calls.filter(({ result }) => result === 'ok').length);
  const mean = answers.reduce((sum, one) => sum + one, 0) / Math.max(1, answers.length);
  return byVu.length >= 5 && mean >= 12 && Math.min(...answers) < 0.3 * mean ? 'fault' : 'open';
}

export function expectBoundary({ client, run, world }: Seen): Expectation {
  if (client.gate.kind !== 'top-of-minute') return world.retryAfter === 'window-end' ? 'open' : 'clean';
  return run.endUs >= 6 * PATIENCE_US && run.attempts.length / (run.endUs / PATIENCE_US) >= 25 ? 'fault' : 'open';
}

/** What was in hand at a start goes out within a second. */
export function expectStampede({ client, world, run }: Seen): Expectation {
  if (world.verdicts['restart-stampede'] === undefined || client.gate.kind === 'queue') return 'clean';
  if (client.gate.kind !== 'none') return 'open';
  const first = run.calls.filter(({ attempts }) => attempts[0] !== undefined && attempts[0].startUs < S_US).length;
  const limit = world.limits[0];
  const takes =
    world.quotaPerS + (typeof limit === 'object' && 'capacity' in limit ? Number(limit.capacity) : Infinity);
  return first >= 20 && first > 4 * takes ? 'fault' : 'open';
}
