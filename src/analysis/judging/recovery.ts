import { findCapacities } from '../ledger/capacities.ts';
import { findTotalFaults } from '../ledger/total-faults.ts';
import { isAnswered } from '../run/attempts.ts';
import { findTightestRate } from '../run/limit-rate.ts';
import type { Call, Run } from '../run/run-view.ts';
import type { TimeRange } from '../run/time-ranges.ts';
import { ascending, percentile } from '../statistics/percentile.ts';

const S_US = 1_000_000;
const MIN_OUTAGE_US = 10 * S_US;
const BEFORE_US = 30 * S_US;
/** Calls are compared with their answers over windows of this length, or longer ones where fewer calls start in it. */
const WINDOW_US = 10 * S_US;
const CALLS_PER_WINDOW = 5;
const STEP_US = S_US;
/** An answer that takes longer than this, and than twice what most answers take, came after the recovery. */
const MIN_PROMPT_US = 10 * S_US;
const MAX_PRIOR_LOAD = 0.9;

/** The recovery of a run after an outage: answers against demand (`judge.md` 1). */
export interface Recovery {
  readonly outage: TimeRange;
  /** Calls that were open during the outage. */
  readonly affectedCalls: number;
  /** Whether the demand was below the quota, so that calls can be answered at all. */
  readonly hasRoom: boolean;
  /** Calls open at the end of the outage, and the minimum time in which they can drain. */
  readonly backlog: number;
  readonly minDrainUs: number;
  /** From the end of the outage to the first instant from which enough calls were answered; Infinity for never. */
  readonly recoveryUs: number;
  /** How long the run went on after the outage, up to the next one. */
  readonly watchedUs: number;
  /** Calls that started in that time and could have been answered, and those of them that were not. */
  readonly started: number;
  readonly unanswered: readonly Call[];
}

/** Outages of at least 10 s that the scenario injects, affect every request, and end before the run does. */
export function findOutages(run: Run): TimeRange[] {
  return findTotalFaults(run).filter((span) => span.endUs - span.startUs >= MIN_OUTAGE_US && span.endUs <= run.endUs);
}

/**
 * Measures the recovery from an outage: the first instant from which at least `share` of the calls started in any 10 s were
 * answered, or of the share that was answered before. Silence is no recovery: a call that sends nothing is not answered.
 */
export function measureRecovery(run: Run, outage: TimeRange, share: number): Recovery {
  const promptUs = longestPromptUs(run);
  const wasAnswered = (call: Call): boolean => answeredWithin(call, promptUs);
  const untilUs = nextOutageUs(run, outage.endUs);
  const before = startedIn(run, Math.max(0, outage.startUs - BEFORE_US), outage.startUs - promptUs);
  const after = startedIn(run, outage.endUs, untilUs).filter(
    (call) =>
      wasAnswered(call) || (call.result !== 'open' && call.endUs < untilUs) || call.startUs + promptUs <= untilUs,
  );
  const enough = before.length === 0 ? share : (share * before.filter(wasAnswered).length) / before.length;
  const rate = demandBefore(run, outage, untilUs);
  const quota = findQuota(run);
  const backlog = run.calls.filter(({ startUs, endUs }) => startUs < outage.endUs && endUs > outage.endUs).length;
  const windowUs = Math.max(WINDOW_US, rate === 0 ? 0 : (CALLS_PER_WINDOW / rate) * S_US);
  const recoveredUs = findRecovery(after, wasAnswered, { fromUs: outage.endUs, windowUs, enough });
  return {
    outage,
    affectedCalls: run.calls.filter(({ startUs, endUs }) => startUs < outage.endUs && endUs > outage.startUs).length,
    hasRoom: rate > 0 && rate <= MAX_PRIOR_LOAD * quota,
    backlog,
    minDrainUs: quota === Infinity || quota <= rate ? 0 : (backlog / (quota - rate)) * S_US,
    recoveryUs: recoveredUs - outage.endUs,
    watchedUs: untilUs - outage.endUs,
    started: after.length,
    unanswered: after.filter((call) => !wasAnswered(call)),
  };
}

/** The start of the next outage of any provider, or the end of the run. */
function nextOutageUs(run: Run, afterUs: number): number {
  return findTotalFaults(run).reduce(
    (next, { startUs }) => (startUs > afterUs ? Math.min(next, startUs) : next),
    run.endUs,
  );
}

/** Requests per second that the providers admit together. */
function findQuota(run: Run): number {
  const rooms = findCapacities(run);
  if (rooms.length > 0) return rooms.reduce((sum, { perSecond }) => sum + perSecond, 0);
  return findTightestRate(run)?.perSecond ?? Infinity;
}

/** Calls in order of start that started in [fromUs, untilUs). */
function startedIn({ calls }: Run, fromUs: number, untilUs: number): Call[] {
  return calls.filter(({ startUs }) => startUs >= fromUs && startUs < untilUs);
}

/** Calls started per second in the 30 s before an outage, or after it where there is no time before. */
function demandBefore(run: Run, outage: TimeRange, untilUs: number): number {
  const fromUs = Math.max(0, outage.startUs - BEFORE_US);
  const before = startedIn(run, fromUs, outage.startUs).length;
  if (before > 0) return before / ((outage.startUs - fromUs) / S_US);
  const restUs = untilUs - outage.endUs;
  return restUs <= 0 ? 0 : startedIn(run, outage.endUs, untilUs).length / (restUs / S_US);
}

function longestPromptUs({ attempts }: Run): number {
  const took = attempts.filter(isAnswered).map(({ startUs, endUs }) => endUs - startUs);
  return took.length === 0 ? MIN_PROMPT_US : Math.max(MIN_PROMPT_US, 2 * percentile(ascending(took), 95));
}

/** Whether the provider answered a call within this time of its start, and the client passed the answer on. */
function answeredWithin({ attempts, result, startUs }: Call, promptUs: number): boolean {
  const answer = attempts.find(isAnswered);
  return result !== 'error' && answer !== undefined && answer.endUs - startUs <= promptUs;
}

/** The end of the last window with too few answers; Infinity if it reaches the end. Windows start each second. */
function findRecovery(
  after: readonly Call[],
  wasAnswered: (call: Call) => boolean,
  { fromUs, windowUs, enough }: { fromUs: number; windowUs: number; enough: number },
): number {
  const last = after.at(-1);
  if (!last) return Infinity;
  let recoveredUs = fromUs;
  let isRecovered = true;
  let [first, next, answered] = [0, 0, 0];
  for (let atUs = fromUs; atUs <= last.startUs; atUs += STEP_US) {
    for (; next < after.length && after[next]!.startUs < atUs + windowUs; next++)
      answered += Number(wasAnswered(after[next]!));
    for (; first < next && after[first]!.startUs < atUs; first++) answered -= Number(wasAnswered(after[first]!));
    const started = next - first;
    const isWhole = atUs === fromUs || atUs + windowUs <= last.startUs + STEP_US;
    if (started === 0 || !isWhole) continue;
    isRecovered = answered >= enough * started;
    if (!isRecovered) recoveredUs = lastUnanswered(after.slice(first, next), wasAnswered) + 1;
  }
  return isRecovered ? recoveredUs : Infinity;
}

function lastUnanswered(calls: readonly Call[], wasAnswered: (call: Call) => boolean): number {
  return calls.findLast((call) => !wasAnswered(call))!.startUs;
}
