import { isAdmitted } from '../run/attempts.ts';
import { tightestRate } from '../run/limit-rate.ts';
import type { Run } from '../run/run-view.ts';
import type { Span } from '../run/spans.ts';
import { ascending } from '../statistics/percentile.ts';

const S_US = 1_000_000;
const LEAST_TRIGGER_US = 10 * S_US;
const BEFORE_US = 30 * S_US;
const BACK_WINDOW_US = 10 * S_US;
/** Arrivals within this of what they were have come back. */
const BACK = 1.2;
const MOST_BEFORE = 0.9;
const AFTER_US = 120 * S_US;

/** How a run went on after a spell in which nothing went through (`backoff.md` 3.13). */
export interface Recovery {
  readonly trigger: Span;
  /** Calls that were open in it. */
  readonly met: number;
  /** Whether load before it was below the quota, and the run went on for long enough. */
  readonly observed: boolean;
  /** Calls that were opened before its end and still open then, and the least time they take to drain. */
  readonly backlog: number;
  readonly leastUs: number;
  /** From its end until arrivals were back; Infinity for never. */
  readonly tookUs: number;
  /** Answers a second in the second minute after it, of those there could be. */
  readonly goodputShare: number;
}

/** Spells of the scenario in which every request failed, ten seconds or more, and that end. */
export function triggersOf({ header, endUs }: Run): Span[] {
  return header.scenario.provider.faults
    .filter(({ does, first, every, share, match }) => {
      const everyone = first === undefined && every === undefined && (share ?? 1) >= 0.5 && match === undefined;
      return everyone && ['status', 'refuse', 'reset', 'hang'].includes(does.kind);
    })
    .map(({ fromUs, untilUs }) => ({ startUs: fromUs, endUs: untilUs }))
    .filter((span) => span.endUs - span.startUs >= LEAST_TRIGGER_US && span.endUs <= endUs);
}

export function recoveryFrom(run: Run, trigger: Span): Recovery {
  const starts = run.attempts.map(({ startUs }) => startUs);
  const perSecond = (fromUs: number, untilUs: number): number =>
    countBetween(starts, fromUs, untilUs) / ((untilUs - fromUs) / S_US);
  const beforeUs = Math.max(0, trigger.startUs - BEFORE_US);
  const before = trigger.startUs > 0 ? perSecond(beforeUs, trigger.startUs) : 0;
  const quota = tightestRate(run)?.perSecond ?? Infinity;
  const backlog = run.calls.filter(({ startUs, endUs }) => startUs < trigger.endUs && endUs > trigger.endUs).length;
  const leastUs = quota === Infinity || quota <= before ? 0 : (backlog / (quota - before)) * S_US;
  const answered = ascending(run.attempts.filter(isAdmitted).map(({ endUs }) => endUs));
  const minuteUs = trigger.endUs + 60 * S_US;
  const goodput = countBetween(answered, minuteUs, minuteUs + 60 * S_US) / 60;
  return {
    trigger,
    met: run.calls.filter(({ startUs, endUs }) => startUs < trigger.endUs && endUs > trigger.startUs).length,
    observed: before > 0 && before <= MOST_BEFORE * quota && run.endUs >= trigger.endUs + AFTER_US + 2 * leastUs,
    backlog,
    leastUs,
    tookUs: timeBack(run, trigger.endUs, before),
    goodputShare: before === 0 ? 0 : goodput / Math.min(before, quota),
  };
}

/** Arrivals are back where they are no more than a fifth above what they were, or above the calls that began meanwhile. */
function timeBack({ attempts, calls, endUs }: Run, fromUs: number, before: number): number {
  const starts = attempts.map(({ startUs }) => startUs);
  const begun = calls.map(({ startUs }) => startUs);
  const usual = before * (BACK_WINDOW_US / S_US);
  const isBack = (atUs: number): boolean => {
    const untilUs = atUs + BACK_WINDOW_US;
    return countBetween(starts, atUs, untilUs) < BACK * Math.max(usual, countBetween(begun, atUs, untilUs));
  };
  for (let atUs = fromUs; atUs + 2 * BACK_WINDOW_US <= endUs; atUs += S_US) {
    if (isBack(atUs) && isBack(atUs + BACK_WINDOW_US)) return atUs - fromUs;
  }
  return Infinity;
}

/** How many of the ascending moments lie between two. */
function countBetween(ascending: readonly number[], fromUs: number, untilUs: number): number {
  return placeOf(ascending, untilUs) - placeOf(ascending, fromUs);
}

function placeOf(ascending: readonly number[], atUs: number): number {
  let low = 0;
  for (let high = ascending.length; low < high; ) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
