import type { AlgorithmSpec } from '../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../mock-server/limiter/create-limiter.ts';
import { median, type Row } from './table.ts';

const DECISIONS = 300_000;
const ROUNDS = 5;
const KEYS = 1_000_000;
const S = 1_000_000;

const SPECS: readonly AlgorithmSpec[] = [
  { algorithm: 'token-bucket', capacity: 500, refill: { amount: 500, periodUs: 60 * S } },
  { algorithm: 'tick-bucket', capacity: 500, refill: { amount: 500, periodUs: 60 * S } },
  { algorithm: 'fixed-window', amount: 500, windowUs: 60 * S, anchor: 'clock' },
  { algorithm: 'sliding-window-counter', amount: 500, windowUs: 60 * S },
  { algorithm: 'sliding-window-log', amount: 500, windowUs: 60 * S },
  { algorithm: 'leaky-bucket', rate: { amount: 500, periodUs: 60 * S }, burst: 50, delay: 'nodelay' },
  { algorithm: 'leaky-queue', intervalUs: 120_000, maxQueue: 50 },
  { algorithm: 'ramp', floor: 1e9, growthPercent: 50, windowUs: 60 * S },
  { algorithm: 'calendar-quota', amount: 1e9, per: 'month', timeZone: 'UTC', resetHour: 0 },
];

/** Decisions per second: check, then charge if admitted. The baseline is a float bucket in a plain object. */
export function benchLimiters(): Row[] {
  const float = rate(DECISIONS, floatBucket);
  const row = (name: string, perSecond: number): Row => ({
    name,
    amount: perSecond,
    unit: 'per second',
    ratios: { 'float bucket': perSecond / float },
  });
  return [
    row('float bucket, plain object', float),
    ...SPECS.map((spec) =>
      row(
        spec.algorithm,
        rate(DECISIONS, (count) => oneKey(spec, count)),
      ),
    ),
    row(`token-bucket, ${KEYS.toLocaleString('en-US')} keys in a Map`, rate(DECISIONS, manyKeys())),
  ];
}

/** Returns the median rate of several rounds, without the first (warm-up) round. */
function rate(count: number, run: (count: number) => void): number {
  const rates = Array.from({ length: ROUNDS + 1 }, () => {
    const before = performance.now();
    run(count);
    return count / ((performance.now() - before) / 1000);
  });
  return median(rates.slice(1));
}

function floatBucket(count: number): void {
  const bucket = { level: 500, atUs: 0 };
  for (let n = 0, nowUs = 0; n < count; n++, nowUs += 100_000) {
    bucket.level = Math.min(500, bucket.level + ((nowUs - bucket.atUs) * 500) / (60 * S));
    bucket.atUs = nowUs;
    if (bucket.level >= 1) bucket.level -= 1;
  }
}

function oneKey(spec: AlgorithmSpec, count: number): void {
  const limiter = createLimiter(spec);
  let state = limiter.initial(0);
  for (let n = 0, nowUs = 0; n < count; n++, nowUs += 100_000) {
    if (limiter.check(state, nowUs, 1).admit) state = limiter.charge(state, nowUs, 1);
  }
}

function manyKeys(): (count: number) => void {
  const limiter = createLimiter(SPECS[0]!);
  const states = new Map(Array.from({ length: KEYS }, (_, key) => [`key-${key}`, limiter.initial(0)]));
  const names = [...states.keys()];
  return (count) => {
    for (let n = 0; n < count; n++) {
      // A stride coprime to the number of keys visits all of them out of order.
      const key = names[(n * 7_919) % KEYS]!;
      const state = states.get(key)!;
      if (limiter.check(state, n, 1).admit) states.set(key, limiter.charge(state, n, 1));
    }
  };
}
