import type { Rate } from '../../../mock-server/quantity.ts';
import { floorDiv, Log, least, type Model } from './model.ts';

interface BucketSettings {
  readonly capacity: number;
  readonly refill: Rate;
  readonly initial?: number;
  readonly maxDebt?: number;
  readonly anchorUs?: number;
}

/**
 * A bucket as a promise about spans: from any instant s on, no more is charged than was there and flowed in. What is left is
 * the least that any s leaves: the start, or just before any charge, when there was at most a full bucket.
 */
function spanModel(
  { capacity, initial = capacity, maxDebt = capacity }: BucketSettings,
  partsPerUnit: bigint,
  inflow: (fromUs: bigint, toUs: bigint) => bigint,
  startUs: bigint,
): Model {
  const log = new Log(startUs);
  const full = BigInt(capacity) * partsPerUnit;
  const left = (atUs: bigint): bigint => {
    let result = full;
    let charged = 0n;
    for (const { atUs: fromUs, cost } of log.charges.toReversed()) {
      charged += cost;
      result = least(result, full + inflow(fromUs, atUs) - charged);
    }
    return least(result, BigInt(initial) * partsPerUnit + inflow(startUs, atUs) - charged);
  };
  return {
    capacity: BigInt(capacity),
    partsPerUnit,
    clamp: (atUs) => log.clamp(atUs),
    left,
    isOver: (atUs) => left(atUs) === full,
    // Debt has a bottom: what would go below it is not charged.
    charge: (atUs, cost) =>
      log.add(atUs, least(cost * partsPerUnit, left(log.clamp(atUs)) + BigInt(maxDebt) * partsPerUnit)),
  };
}

/** Continuous refill: a unit has as many parts as its period has microseconds. */
export function tokenBucketModel(spec: BucketSettings, startUs: bigint): Model {
  const { amount, periodUs } = spec.refill;
  return spanModel(spec, BigInt(periodUs), (fromUs, toUs) => BigInt(amount) * (toUs - fromUs), startUs);
}

/** Refill in lumps, one at each multiple of the period. */
export function tickBucketModel(spec: BucketSettings, startUs: bigint): Model {
  const { amount, periodUs } = spec.refill;
  const ticks = (atUs: bigint): bigint => floorDiv(atUs - BigInt(spec.anchorUs ?? 0), BigInt(periodUs));
  return spanModel(spec, 1n, (fromUs, toUs) => BigInt(amount) * (ticks(toUs) - ticks(fromUs)), startUs);
}

/**
 * The generic cell rate algorithm as ITU-T I.371 has it: a theoretical arrival time that each unit moves by T = P/a, here in
 * parts of 1/a microsecond; a cell may be early by the tolerance.
 */
export function gcraModel({ capacity, refill, ...spec }: BucketSettings, startUs: bigint): Model {
  const perUnit = BigInt(refill.periodUs);
  const perUs = BigInt(refill.amount);
  const tolerance = BigInt(capacity) * perUnit;
  const most = tolerance + BigInt(spec.maxDebt ?? capacity) * perUnit;
  let latestUs = startUs;
  let arrival = startUs * perUs + BigInt(capacity - (spec.initial ?? capacity)) * perUnit;
  const clamp = (atUs: bigint): bigint => (atUs > latestUs ? atUs : latestUs);
  const ahead = (atUs: bigint): bigint => (arrival > atUs * perUs ? arrival - atUs * perUs : 0n);
  return {
    capacity: BigInt(capacity),
    partsPerUnit: perUnit,
    clamp,
    left: (atUs) => tolerance - ahead(atUs),
    isOver: (atUs) => ahead(atUs) === 0n,
    charge(atUs, cost) {
      latestUs = clamp(atUs);
      arrival = latestUs * perUs + least(ahead(latestUs) + cost * perUnit, most);
    },
  };
}

/** The leaky bucket as a meter: water leaks out at the rate, each request pours its cost in, and the brim is the capacity. */
export function leakyMeterModel({ capacity, refill, ...spec }: BucketSettings, startUs: bigint): Model {
  const perUnit = BigInt(refill.periodUs);
  const brim = BigInt(capacity) * perUnit;
  const most = brim + BigInt(spec.maxDebt ?? capacity) * perUnit;
  const poured: { readonly atUs: bigint; readonly water: bigint }[] = [
    { atUs: startUs, water: BigInt(capacity - (spec.initial ?? capacity)) * perUnit },
  ];
  const waterAt = (atUs: bigint): bigint => {
    let water = 0n;
    for (const [index, pour] of poured.entries()) {
      const untilUs = poured[index + 1]?.atUs ?? atUs;
      water = least(water + pour.water, most) - BigInt(refill.amount) * (untilUs - pour.atUs);
      if (water < 0n) water = 0n;
    }
    return water;
  };
  const clamp = (atUs: bigint): bigint => (atUs > poured.at(-1)!.atUs ? atUs : poured.at(-1)!.atUs);
  return {
    capacity: BigInt(capacity),
    partsPerUnit: perUnit,
    clamp,
    left: (atUs) => brim - waterAt(atUs),
    isOver: (atUs) => waterAt(atUs) === 0n,
    charge: (atUs, cost) => void poured.push({ atUs: clamp(atUs), water: cost * perUnit }),
  };
}
