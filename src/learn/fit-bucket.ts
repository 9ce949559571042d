import { common, type Range, widened } from './range.ts';
import type { Reading, RefusalWords } from './reading.ts';
import { byBucket, type Draw, type Split } from './traffic.ts';

/**
 * In what time a bucket of `limit` units fills up from empty, as each answer bounds it by itself: a reset is the time until
 * full, so `reset / (limit − remaining)` is the time of one unit, and units are printed cut to whole ones.
 * Undefined where no one time suits all answers, which is how other limiters look.
 */
export function fillFromReadings(limit: number, readings: readonly Reading[], toleranceUs: number): Range | undefined {
  const ranges = readings.flatMap(({ remaining, rounding, resetUs, refused }): Range[] => {
    if (!resetUs) return [];
    const owed = { low: limit - remaining - 1 - rounding, high: limit - remaining + rounding };
    const { low, high } = widened(resetUs, rounding > 0 || resetUs.high - resetUs.low > 1000 ? toleranceUs : 0);
    // What refusals were charged may lie below zero, where nothing is printed.
    const least = refused && remaining === 0 ? 0 : (limit * low) / owed.high;
    return owed.high <= 0 ? [] : [{ low: least, high: owed.low > 0 ? (limit * high) / owed.low : Infinity }];
  });
  return common(ranges);
}

/** The same from the words of refusals: (Used + Requested − Limit) units are missing and take the wait that is told. */
export function fillFromWaits(limit: number, refusals: readonly RefusalWords[]): Range | undefined {
  const told = refusals.flatMap(({ used, requested, waitUs }) => {
    const missing = (used ?? 0) + (requested ?? 0) - limit;
    return used === undefined || requested === undefined || missing <= 0 || !waitUs ? [] : [{ missing, waitUs }];
  });
  if (told.length === 0) return undefined;
  const whole = common(
    told.map(({ missing, waitUs }) => ({ low: (limit * waitUs.low) / missing, high: (limit * waitUs.high) / missing })),
  );
  // Waits that follow from the printed integers agree on their own; else the true figure is less than one unit below.
  if (whole && told.length > 2) return whole;
  return common(
    told.map(({ missing, waitUs }) => ({
      low: (limit * waitUs.low) / missing,
      high: missing > 1 ? (limit * waitUs.high) / (missing - 1) : Infinity,
    })),
  );
}

/**
 * The same over the longest row of requests during which a bucket was never full: each of them has put the moment at which
 * it is full off by the time of one unit. Where refusals are charged a row ends with the first: nobody knows how much is
 * still added below zero. Undefined for rows too short to tell.
 */
export function fillFromRows(
  limit: number,
  { draws, readings }: { readonly draws: readonly Draw[]; readonly readings: ReadonlyMap<number, Reading> },
  { split, chargesRefused }: { readonly split: Split; readonly chargesRefused: boolean },
  toleranceUs: number,
): Range | undefined {
  let best: { count: number; range: Range } | undefined;
  for (const bucket of byBucket(draws, split)) {
    let first: Reading | undefined;
    let last: Reading | undefined;
    let count = 0;
    for (const draw of bucket) {
      if (draw.admitted) count++;
      const reading = readings.get(draw.index);
      if (!reading?.resetUs) continue;
      const neverFull = first && last?.resetUs && last.resetUs.low - toleranceUs > reading.atUs - last.atUs;
      if (chargesRefused && reading.refused) first = undefined;
      else if (!neverFull) {
        first = reading;
        count = 0;
      } else if (count > (best?.count ?? 1)) {
        best = { count, range: perUnit(first!, reading, count, toleranceUs) };
      }
      last = reading;
    }
  }
  return best && { low: best.range.low * limit, high: best.range.high * limit };
}

function perUnit(first: Reading, last: Reading, count: number, toleranceUs: number): Range {
  const apartUs = last.atUs - first.atUs;
  const low = last.resetUs!.low - first.resetUs!.high + apartUs - toleranceUs;
  const high = last.resetUs!.high - first.resetUs!.low + apartUs + toleranceUs;
  return { low: low / count, high: high / count };
}
