import type { Limit } from '../../../mock-server/admission/limit.ts';
import { limitAmount } from '../../../mock-server/admission/limit-rate.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Run } from '../run/run-view.ts';
import type { TimeRange } from '../run/time-ranges.ts';
import { BucketMeter } from './bucket-meter.ts';
import { type BucketHistory, findHistories } from './charges.ts';
import type { Need } from './needs.ts';
import { faultRangesAt, providerOfNeeds } from './total-faults.ts';

/** When there was room for one kind of request: would it, alone, have been admitted and answered? */
export interface Room {
  /** Returns how much of the time from `fromUs` to `untilUs` had room. */
  openUs(fromUs: number, untilUs: number): number;
  /** Returns the first instant from `fromUs` on that had room, before `untilUs`. */
  firstOpenUs(fromUs: number, untilUs: number): number | undefined;
}

/**
 * Replays every limit of a run, concurrency and settlement included, and returns when there was room for a request with given
 * needs at their provider. During faults there that every request meets there is none. Each different set of costs replays its buckets once; costs are
 * rounded up to one of eight steps per doubling, so that room is never claimed where there was none.
 */
export const createRoom = memoizeByRun((run): ((needs: readonly Need[], provider?: string) => Room) => {
  const rooms = new Map<string, Room>();
  const ranges = new Map<string, OpenRanges>();

  function rangesOf({ limit, bucket, cost }: Need): OpenRanges {
    const key = `${bucket}\n${cost}`;
    const known = ranges.get(key) ?? replayOpenRanges(findHistories(run).get(bucket), limit, cost, run);
    ranges.set(key, known);
    return known;
  }

  return (needs, provider = providerOfNeeds(run, needs)) => {
    const stepped = needs.map((need) => ({ ...need, cost: stepUp(need) }));
    const key = [provider, ...stepped.map(({ bucket, cost }) => `${bucket}\n${cost}`)].join('\n');
    const known =
      rooms.get(key) ??
      roomIn(stepped.map(rangesOf).reduce(intersect, withoutFaults(run, faultRangesAt(run, provider))));
    rooms.set(key, known);
    return known;
  };
});

/** Ranges without gaps in one array: start, end, start, end, in order. */
type OpenRanges = readonly number[];

/** Rounds a cost up to three significant binary digits, but not above the capacity of its limit, which decides on never. */
function stepUp({ limit, cost }: Need): number {
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, cost))) - 3);
  const stepped = Math.ceil(cost / unit) * unit;
  return Math.max(cost, Math.min(stepped, limitAmount(limit.spec)));
}

/** When a bucket had room for `cost`, between and after its charges. A bucket that nobody used stays as it began. */
function replayOpenRanges(
  history: BucketHistory | undefined,
  limit: Limit,
  cost: number,
  { header, endUs }: Run,
): OpenRanges {
  const meter = new BucketMeter(limit, header.generated.startedUs);
  const open: number[] = [];
  let doneUs = 0;
  const addUntil = (untilUs: number): void => {
    if (untilUs <= doneUs) return;
    const openUs = doneUs + meter.waitUs(doneUs, cost);
    if (openUs < untilUs) addRange(open, openUs, untilUs);
    doneUs = untilUs;
  };
  const moveTo = (atUs: number): void => {
    while (meter.nextEndUs <= atUs) {
      addUntil(meter.nextEndUs);
      meter.advance(meter.nextEndUs);
    }
    addUntil(atUs);
  };
  for (const charge of history?.charges ?? []) {
    moveTo(charge.atUs);
    if (charge.cost > 0) meter.charge(charge);
    else meter.touch(charge.atUs);
  }
  moveTo(endUs);
  return open;
}

function addRange(open: number[], startUs: number, endUs: number): void {
  if (open.at(-1) === startUs) open[open.length - 1] = endUs;
  else open.push(startUs, endUs);
}

function intersect(a: OpenRanges, b: OpenRanges): OpenRanges {
  const both: number[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const [startUs, endUs] = [Math.max(a[i]!, b[j]!), Math.min(a[i + 1]!, b[j + 1]!)];
    if (startUs < endUs) both.push(startUs, endUs);
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return both;
}

function withoutFaults({ endUs }: Run, closed: readonly TimeRange[]): OpenRanges {
  const open: number[] = [];
  let doneUs = 0;
  for (const fault of closed) {
    if (fault.startUs > doneUs) addRange(open, doneUs, fault.startUs);
    doneUs = fault.endUs;
  }
  if (endUs > doneUs) addRange(open, doneUs, endUs);
  return open;
}

function roomIn(open: OpenRanges): Room {
  const starts = Float64Array.from({ length: open.length / 2 }, (_, index) => open[2 * index]!);
  const ends = Float64Array.from({ length: open.length / 2 }, (_, index) => open[2 * index + 1]!);
  /** Open time before each range. */
  const before = new Float64Array(starts.length + 1);
  for (let index = 0; index < starts.length; index++) {
    before[index + 1] = before[index]! + ends[index]! - starts[index]!;
  }
  /** The first range that ends after `atUs`. */
  const rangeAfter = (atUs: number): number => {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (ends[middle]! <= atUs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const openBefore = (atUs: number): number => {
    const index = rangeAfter(atUs);
    return before[index]! + (index < starts.length ? Math.max(0, atUs - starts[index]!) : 0);
  };
  return {
    openUs: (fromUs, untilUs) => (untilUs <= fromUs ? 0 : openBefore(untilUs) - openBefore(fromUs)),
    firstOpenUs(fromUs, untilUs) {
      const index = rangeAfter(fromUs);
      const atUs = Math.max(fromUs, starts[index] ?? Infinity);
      return atUs < untilUs ? atUs : undefined;
    },
  };
}
