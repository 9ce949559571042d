import type { AlgorithmSpec } from '../../mock-server/limiter/algorithm.ts';
import { createLimiter } from '../../mock-server/limiter/create-limiter.ts';
import type { Limiter } from '../../mock-server/limiter/limiter.ts';
import type { Reading } from './reading.ts';
import { bucketIn, type Draw, type Split } from './traffic.ts';

/** A guess at a limit, to be held against what was seen. */
export interface Guess {
  readonly spec: AlgorithmSpec;
  readonly split: Split;
  readonly chargesRefused: boolean;
}

/** How many readings a guess foretold. */
export interface Foretold {
  readonly compared: number;
  readonly matched: number;
}

interface Bucket {
  state: unknown;
  seen: boolean;
}

/**
 * Plays all requests through the limiter that a guess names and counts the readings that it foretells: units left and
 * reset, the former only where each request costs one. Clocks and networks are granted `toleranceUs`. What was drawn
 * before a bucket's first reading is taken from that reading.
 */
export function replay(
  { spec, split, chargesRefused }: Guess,
  draws: readonly Draw[],
  readings: ReadonlyMap<number, Reading>,
  toleranceUs: number,
): Foretold {
  const limiter = createLimiter(spec);
  const buckets = new Map<string, Bucket>();
  let compared = 0;
  let matched = 0;
  for (const draw of draws.slice(0, mostOf(spec))) {
    const { atUs, admitted, index } = draw;
    const id = bucketIn(split, draw);
    const bucket = buckets.get(id) ?? { state: limiter.initial(atUs), seen: false };
    buckets.set(id, bucket);
    const reading = readings.get(index);
    const cost = admitted ? 1 : 0;
    if (reading && !bucket.seen) catchUp(limiter, bucket, reading, cost);
    else if (reading) {
      compared++;
      if (foretells(limiter, bucket.state, reading, cost, toleranceUs)) matched++;
    }
    if (admitted || chargesRefused) bucket.state = limiter.charge(bucket.state, atUs, 1);
  }
  return { compared, matched };
}

/** A log looks at every entry for each request, so that fewer of them are played. */
const MOST_ENTRIES = 10_000_000;

function mostOf(spec: AlgorithmSpec): number {
  return spec.algorithm === 'sliding-window-log' ? Math.max(100, Math.ceil(MOST_ENTRIES / spec.amount)) : Infinity;
}

function catchUp(limiter: Limiter, bucket: Bucket, { atUs, remaining, unit }: Reading, cost: number): void {
  bucket.seen = true;
  if (unit !== 'requests') return;
  const before = limiter.check(bucket.state, atUs, 0).remaining - cost - remaining;
  if (before > 0) bucket.state = limiter.charge(bucket.state, atUs, before);
}

function foretells(limiter: Limiter, state: unknown, reading: Reading, cost: number, toleranceUs: number): boolean {
  const { atUs, remaining, resetUs, unit } = reading;
  const now = limiter.check(state, atUs, cost);
  if (resetUs && (now.resetUs < resetUs.low - toleranceUs || now.resetUs > resetUs.high + toleranceUs)) return false;
  if (unit !== 'requests') return resetUs !== undefined;
  const early = limiter.check(state, atUs - toleranceUs, cost).remaining;
  const late = limiter.check(state, atUs + toleranceUs, cost).remaining;
  return Math.min(now.remaining, early) <= remaining && Math.max(now.remaining, late) >= remaining;
}
