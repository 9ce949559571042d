import { isAdmitted } from '../run/attempts.ts';
import { findTightestRate } from '../run/limit-rate.ts';
import type { Run } from '../run/run-view.ts';
import type { TimeRange } from '../run/time-ranges.ts';
import { ascending } from '../statistics/percentile.ts';

const S_US = 1_000_000;
const MIN_OUTAGE_US = 10 * S_US;
const BEFORE_US = 30 * S_US;
const RECOVERY_WINDOW_US = 10 * S_US;
/** Arrivals have recovered when their rate is below this multiple of the rate before the outage. */
const RECOVERED_RATIO = 1.2;
const MAX_PRIOR_LOAD = 0.9;
const AFTER_US = 120 * S_US;

/** The recovery of a run after an outage (`backoff.md` 3.13). */
export interface Recovery {
  readonly outage: TimeRange;
  /** Calls that were open during the outage. */
  readonly affectedCalls: number;
  /** Whether the load before the outage was below the quota, and the run continued long enough after it. */
  readonly observed: boolean;
  /** Calls open at the end of the outage, and the minimum time in which they can drain. */
  readonly backlog: number;
  readonly minDrainUs: number;
  /** From the end of the outage until arrivals returned to their earlier rate; Infinity for never. */
  readonly recoveryUs: number;
  /** Goodput in the second minute after the outage, as a share of the earlier rate or the quota. */
  readonly goodputShare: number;
}

/** Outages of at least 10 s that the scenario injects, affect every request, and end before the run does. */
export function findOutages({ header, endUs }: Run): TimeRange[] {
  return header.scenario.provider.faults
    .filter(({ does, first, every, share, match }) => {
      const everyone = first === undefined && every === undefined && (share ?? 1) >= 0.5 && match === undefined;
      return everyone && ['status', 'refuse', 'reset', 'hang'].includes(does.kind);
    })
    .map(({ fromUs, untilUs }) => ({ startUs: fromUs, endUs: untilUs }))
    .filter((span) => span.endUs - span.startUs >= MIN_OUTAGE_US && span.endUs <= endUs);
}

export function measureRecovery(run: Run, outage: TimeRange): Recovery {
  const starts = run.attempts.map(({ startUs }) => startUs);
  const perSecond = (fromUs: number, untilUs: number): number =>
    countBetween(starts, fromUs, untilUs) / ((untilUs - fromUs) / S_US);
  const beforeUs = Math.max(0, outage.startUs - BEFORE_US);
  const before = outage.startUs > 0 ? perSecond(beforeUs, outage.startUs) : 0;
  const quota = findTightestRate(run)?.perSecond ?? Infinity;
  const backlog = run.calls.filter(({ startUs, endUs }) => startUs < outage.endUs && endUs > outage.endUs).length;
  const minDrainUs = quota === Infinity || quota <= before ? 0 : (backlog / (quota - before)) * S_US;
  const answered = ascending(run.attempts.filter(isAdmitted).map(({ endUs }) => endUs));
  const minuteUs = outage.endUs + 60 * S_US;
  const goodput = countBetween(answered, minuteUs, minuteUs + 60 * S_US) / 60;
  return {
    outage,
    affectedCalls: run.calls.filter(({ startUs, endUs }) => startUs < outage.endUs && endUs > outage.startUs).length,
    observed: before > 0 && before <= MAX_PRIOR_LOAD * quota && run.endUs >= outage.endUs + AFTER_US + 2 * minDrainUs,
    backlog,
    minDrainUs,
    recoveryUs: recoveryTime(run, outage.endUs, before),
    goodputShare: before === 0 ? 0 : goodput / Math.min(before, quota),
  };
}

/** Time until arrivals stay within 1.2 × their earlier rate, or 1.2 × the calls that started, for two windows in a row. */
function recoveryTime({ attempts, calls, endUs }: Run, fromUs: number, before: number): number {
  const starts = attempts.map(({ startUs }) => startUs);
  const callStarts = calls.map(({ startUs }) => startUs);
  const earlier = before * (RECOVERY_WINDOW_US / S_US);
  const hasRecovered = (atUs: number): boolean => {
    const untilUs = atUs + RECOVERY_WINDOW_US;
    return (
      countBetween(starts, atUs, untilUs) < RECOVERED_RATIO * Math.max(earlier, countBetween(callStarts, atUs, untilUs))
    );
  };
  for (let atUs = fromUs; atUs + 2 * RECOVERY_WINDOW_US <= endUs; atUs += S_US) {
    if (hasRecovered(atUs) && hasRecovered(atUs + RECOVERY_WINDOW_US)) return atUs - fromUs;
  }
  return Infinity;
}

/** How many of the ascending times are in [fromUs, untilUs). */
function countBetween(ascending: readonly number[], fromUs: number, untilUs: number): number {
  return lowerBound(ascending, untilUs) - lowerBound(ascending, fromUs);
}

function lowerBound(ascending: readonly number[], atUs: number): number {
  let low = 0;
  for (let high = ascending.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
