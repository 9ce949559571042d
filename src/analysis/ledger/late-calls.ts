import type { Limit } from '../../../mock-server/admission/limit.ts';
import { sustainedRate } from '../../../mock-server/admission/limit-rate.ts';
import { algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import type { Call, Run } from '../run/run-view.ts';
import type { TimeRange } from '../run/time-ranges.ts';
import { smallest } from '../statistics/extremes.ts';
import type { Service } from './best-service.ts';
import { keepLedger, type LedgerEntry } from './call-ledger.ts';
import { findHistories } from './charges.ts';
import type { Need } from './needs.ts';
import type { Want } from './wanted.ts';

/** Shorter waits before the first attempt are the work of a call, not a queue. */
const MIN_HELD_US = 1_000_000;

/** Whether the client let a call wait for longer than work takes before it sent anything. */
export const wasHeld = ({ startUs, endUs, attempts }: Call): boolean =>
  (attempts[0]?.startUs ?? endUs) - startUs >= MIN_HELD_US;

/** A call that was admitted later than the limits allowed, or not at all, by its client's own doing. */
export interface LateCall {
  readonly want: Want;
  readonly couldUs: number;
  /** The client's own time since then: before the first attempt, and between attempts. */
  readonly heldUs: number;
  readonly ownUs: number;
}

/** Time in which fewer calls had been admitted than the limits allowed. */
export interface LatePeriod extends TimeRange {
  /** Calls that the limits could have admitted in it. */
  readonly possible: number;
  /** The most calls that were missing at once. */
  readonly missing: number;
  readonly late: readonly LateCall[];
}

/** Refills after which many calls become possible at once, so that they need not all return then. */
const SUDDEN_REFILLS = new Set(['at-reset', 'by-expiry', 'by-weight']);

/**
 * Returns the calls that were late by more than `toleranceUs`: held for longer than work takes, or waiting by themselves after a
 * refusal. A limit that resets may be met at any time of its window, so a call is late only after a whole window passed.
 */
export function findLateCalls(services: readonly Service[], toleranceUs: number): LateCall[] {
  return services.flatMap(({ want, couldUs: earliestUs }) => {
    const couldUs = earliestUs + Math.max(0, ...want.needs.map(windowUs));
    if (want.untilUs - couldUs <= toleranceUs) return [];
    const [heldUs, ownUs] = [ownTime(want, 'held', couldUs), ownTime(want, 'own', couldUs)];
    return heldUs >= MIN_HELD_US || ownUs > 0 ? [{ want, couldUs, heldUs, ownUs }] : [];
  });
}

/** The time of a call under one entry from `fromUs` until it was admitted or ended. */
function ownTime({ call, untilUs, hintedUntil }: Want, wanted: LedgerEntry, fromUs: number): number {
  return keepLedger(call, hintedUntil).spans.reduce(
    (sum, { entry, startUs, endUs }) =>
      entry === wanted ? sum + Math.max(0, Math.min(endUs, untilUs) - Math.max(startUs, fromUs)) : sum,
    0,
  );
}

function windowUs({ limit }: Need): number {
  return SUDDEN_REFILLS.has(algorithmOf(limit.spec).refills) ? (sustainedRate(limit.spec)?.periodUs ?? 0) : 0;
}

/**
 * Returns the periods in which calls were late, in order, and how many calls were missing: how far admissions lagged behind what
 * the limits allowed, but no more than were late. Who comes first does not matter: while others use the quota up, a call that
 * waits is late, but nothing is missing.
 */
export function findLatePeriods(services: readonly Service[], late: readonly LateCall[]): LatePeriod[] {
  const inOrder = late.toSorted((a, b) => a.couldUs - b.couldUs);
  const periods: LatePeriod[] = [];
  let [waiting, behind, seen] = [0, 0, 0];
  let [startUs, behindBefore, possible, missing] = [0, 0, 0, 0];
  for (const { atUs, could, admitted, lateBy } of changesByTime(services, late)) {
    const wasWaiting = waiting > 0;
    if (!wasWaiting) [startUs, behindBefore, possible, missing] = [atUs, Math.max(0, behind), 0, 0];
    waiting += lateBy;
    behind += could - admitted;
    possible += could;
    missing = Math.max(missing, Math.min(waiting, behind - behindBefore));
    if (!wasWaiting || waiting > 0) continue;
    const first = seen;
    while (seen < inOrder.length && inOrder[seen]!.couldUs < atUs) seen++;
    periods.push({ startUs, endUs: atUs, possible, missing, late: inOrder.slice(first, seen) });
  }
  return periods;
}

/** What changes at one time: calls that became possible, calls admitted, and calls that are late. */
interface Change {
  readonly atUs: number;
  could: number;
  admitted: number;
  lateBy: number;
}

function changesByTime(services: readonly Service[], late: readonly LateCall[]): Change[] {
  const byTime = new Map<number, Change>();
  const at = (atUs: number): Change => {
    const change = byTime.get(atUs) ?? { atUs, could: 0, admitted: 0, lateBy: 0 };
    byTime.set(atUs, change);
    return change;
  };
  const lateSince = new Map(late.map(({ want, couldUs }) => [want, couldUs]));
  for (const { want, couldUs } of services) {
    const sinceUs = lateSince.get(want);
    if (sinceUs !== undefined) {
      at(sinceUs).lateBy++;
      at(want.untilUs).lateBy--;
    }
    // A call that is late for other reasons counts when it was admitted.
    const countsUs = sinceUs ?? Math.max(couldUs, want.untilUs);
    if (couldUs < Infinity) at(countsUs).could++;
    if (want.served) at(want.untilUs).admitted++;
  }
  return [...byTime.values()].sort((a, b) => a.atUs - b.atUs);
}

/**
 * Returns the share of the quota that was free in a period: what the buckets of these calls regain in that time, less what
 * requests were charged, for the limit that was used most. Undefined if no limit has a sustained rate.
 */
export function freeShare(run: Run, late: readonly LateCall[], { startUs, endUs }: TimeRange): number | undefined {
  const buckets = new Map(late.flatMap(({ want }) => want.needs.map((need) => [need.bucket, need.limit] as const)));
  const uses = new Map<Limit, { used: number; regained: number }>();
  for (const [bucket, limit] of buckets) {
    const rate = sustainedRate(limit.spec);
    if (!rate || endUs <= startUs) continue;
    const use = uses.get(limit) ?? { used: 0, regained: 0 };
    uses.set(limit, use);
    use.regained += (rate.amount * (endUs - startUs)) / rate.periodUs;
    for (const { atUs, cost, actual = cost } of findHistories(run).get(bucket)?.charges ?? []) {
      if (atUs > startUs && atUs < endUs) use.used += actual;
    }
  }
  if (uses.size === 0) return undefined;
  return smallest([...uses.values()].map(({ used, regained }) => Math.min(1, Math.max(0, 1 - used / regained))));
}
