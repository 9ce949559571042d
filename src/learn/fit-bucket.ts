import type { Range } from '../../mock-server/dialects/stated-wait.ts';
import type { LimitReading, RefusalDetails } from './limit-reading.ts';
import { intersect, widen } from './range.ts';
import { byBucket, type MeteredRequest, type Split } from './traffic.ts';

/**
 * Returns the time in which an empty bucket of `limit` units fills up, bounded by each reply: a reset is the time until full,
 * so `reset / (limit − remaining)` is the time of one unit, with units rounded down. Returns undefined if no time fits all
 * replies, as for other limiters.
 */
export function fillTimeFromReadings(
  limit: number,
  readings: readonly LimitReading[],
  toleranceUs: number,
): Range | undefined {
  const ranges = readings.flatMap(({ remaining, rounding, resetUs, refused }): Range[] => {
    if (!resetUs) return [];
    const owed = { low: limit - remaining - 1 - rounding, high: limit - remaining + rounding };
    const { low, high } = widen(resetUs, rounding > 0 || resetUs.high - resetUs.low > 1000 ? toleranceUs : 0);
    // Charged refusals may push the level below zero, which is printed as zero.
    const lowUs = refused && remaining === 0 ? 0 : (limit * low) / owed.high;
    return owed.high <= 0 ? [] : [{ low: lowUs, high: owed.low > 0 ? (limit * high) / owed.low : Infinity }];
  });
  return intersect(ranges);
}

/** The same from refusal messages: (Used + Requested − Limit) units must be refilled, which takes the requested wait. */
export function fillTimeFromWaits(limit: number, refusals: readonly RefusalDetails[]): Range | undefined {
  const stated = refusals.flatMap(({ used, requested, waitUs }) => {
    const missing = (used ?? 0) + (requested ?? 0) - limit;
    return used === undefined || requested === undefined || missing <= 0 || !waitUs ? [] : [{ missing, waitUs }];
  });
  if (stated.length === 0) return undefined;
  const whole = intersect(
    stated.map(({ missing, waitUs }) => ({
      low: (limit * waitUs.low) / missing,
      high: (limit * waitUs.high) / missing,
    })),
  );
  // If the waits were computed from the stated integers, they agree; else the true figure is less than one unit lower.
  if (whole && stated.length > 2) return whole;
  return intersect(
    stated.map(({ missing, waitUs }) => ({
      low: (limit * waitUs.low) / missing,
      high: missing > 1 ? (limit * waitUs.high) / (missing - 1) : Infinity,
    })),
  );
}

/**
 * The same from the longest series of requests during which a bucket was never full: each request postponed the time at
 * which it is full by the time of one unit. If refusals are charged, a series ends with the first refusal, as replies do not
 * state levels below zero. Returns undefined if all series are too short.
 */
export function fillTimeFromRows(
  limit: number,
  {
    requests,
    readings,
  }: { readonly requests: readonly MeteredRequest[]; readonly readings: ReadonlyMap<number, LimitReading> },
  { split, chargesRefused }: { readonly split: Split; readonly chargesRefused: boolean },
  toleranceUs: number,
): Range | undefined {
  let best: { count: number; range: Range } | undefined;
  for (const bucket of byBucket(requests, split)) {
    let first: LimitReading | undefined;
    let last: LimitReading | undefined;
    let count = 0;
    for (const request of bucket) {
      if (request.admitted) count++;
      const reading = readings.get(request.index);
      if (!reading?.resetUs) continue;
      const neverFull = first && last?.resetUs && last.resetUs.low - toleranceUs > reading.atUs - last.atUs;
      if (chargesRefused && reading.refused) first = undefined;
      else if (!neverFull) {
        first = reading;
        count = 0;
      } else if (count > (best?.count ?? 1)) {
        best = { count, range: timePerUnit(first!, reading, count, toleranceUs) };
      }
      last = reading;
    }
  }
  return best && { low: best.range.low * limit, high: best.range.high * limit };
}

function timePerUnit(first: LimitReading, last: LimitReading, count: number, toleranceUs: number): Range {
  const apartUs = last.atUs - first.atUs;
  const low = last.resetUs!.low - first.resetUs!.high + apartUs - toleranceUs;
  const high = last.resetUs!.high - first.resetUs!.low + apartUs + toleranceUs;
  return { low: low / count, high: high / count };
}
