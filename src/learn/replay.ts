import type { AlgorithmSpec } from '../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../mock-server/limiter/create-limiter.ts';
import type { Limiter } from '../../mock-server/limiter/limiter.ts';
import type { LimitReading } from './limit-reading.ts';
import { bucketIn, type MeteredRequest, type Split } from './traffic.ts';

/** A possible limit, to compare with the recording. */
export interface LimitGuess {
  readonly spec: AlgorithmSpec;
  readonly split: Split;
  readonly chargesRefused: boolean;
}

/** How many readings a guess predicted. */
export interface ReplayScore {
  readonly compared: number;
  readonly matched: number;
}

interface ReplayedBucket {
  state: unknown;
  hasReading: boolean;
}

/**
 * Replays all requests through the limiter of a guess and counts the readings that it predicts: the reset, and for request
 * limits also the remaining units. `toleranceUs` allows for clock differences and network delays. The usage before the first
 * reading of a bucket is taken from that reading.
 */
export function replay(
  { spec, split, chargesRefused }: LimitGuess,
  requests: readonly MeteredRequest[],
  readings: ReadonlyMap<number, LimitReading>,
  toleranceUs: number,
): ReplayScore {
  const limiter = createLimiter(spec);
  const buckets = new Map<string, ReplayedBucket>();
  let compared = 0;
  let matched = 0;
  for (const request of requests.slice(0, maxRequests(spec))) {
    const { atUs, admitted, index } = request;
    const id = bucketIn(split, request);
    const bucket = buckets.get(id) ?? { state: limiter.initial(atUs), hasReading: false };
    buckets.set(id, bucket);
    const reading = readings.get(index);
    const cost = admitted ? 1 : 0;
    if (reading && !bucket.hasReading) alignWithReading(limiter, bucket, reading, cost);
    else if (reading) {
      compared++;
      if (predictsReading(limiter, bucket.state, reading, cost, toleranceUs)) matched++;
    }
    if (admitted || chargesRefused) bucket.state = limiter.charge(bucket.state, atUs, 1);
  }
  return { compared, matched };
}

/** A sliding log scans all its entries for each request, so fewer requests are replayed. */
const MAX_LOG_ENTRIES = 10_000_000;

function maxRequests(spec: AlgorithmSpec): number {
  return spec.algorithm === 'sliding-window-log' ? Math.max(100, Math.ceil(MAX_LOG_ENTRIES / spec.amount)) : Infinity;
}

function alignWithReading(
  limiter: Limiter,
  bucket: ReplayedBucket,
  { atUs, remaining, unit }: LimitReading,
  cost: number,
): void {
  bucket.hasReading = true;
  if (unit !== 'requests') return;
  const usedBefore = limiter.check(bucket.state, atUs, 0).remaining - cost - remaining;
  if (usedBefore > 0) bucket.state = limiter.charge(bucket.state, atUs, usedBefore);
}

function predictsReading(
  limiter: Limiter,
  state: unknown,
  reading: LimitReading,
  cost: number,
  toleranceUs: number,
): boolean {
  const { atUs, remaining, resetUs, unit } = reading;
  const now = limiter.check(state, atUs, cost);
  if (resetUs && (now.resetUs < resetUs.low - toleranceUs || now.resetUs > resetUs.high + toleranceUs)) return false;
  if (unit !== 'requests') return resetUs !== undefined;
  const early = limiter.check(state, atUs - toleranceUs, cost).remaining;
  const late = limiter.check(state, atUs + toleranceUs, cost).remaining;
  return Math.min(now.remaining, early) <= remaining && Math.max(now.remaining, late) >= remaining;
}
