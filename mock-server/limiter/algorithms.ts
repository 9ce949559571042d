import type { Algorithm } from './algorithm.ts';
import { calendarQuota } from './calendar-quota.ts';
import { concurrency } from './concurrency.ts';
import { fixedWindow } from './fixed-window.ts';
import { leakyBucket } from './leaky-bucket.ts';
import { leakyQueue } from './leaky-queue.ts';
import { ramp } from './ramp.ts';
import { slidingWindowCounter } from './sliding-window-counter.ts';
import { slidingWindowLog } from './sliding-window-log.ts';
import { tickBucket } from './tick-bucket.ts';
import { tokenBucket } from './token-bucket.ts';

/** All algorithms, by their name in scenarios. */
export const ALGORITHMS = {
  'token-bucket': tokenBucket,
  gcra: tokenBucket,
  'leaky-meter': tokenBucket,
  'tick-bucket': tickBucket,
  'fixed-window': fixedWindow,
  'sliding-window-log': slidingWindowLog,
  'sliding-window-counter': slidingWindowCounter,
  'leaky-bucket': leakyBucket,
  'leaky-queue': leakyQueue,
  'calendar-quota': calendarQuota,
  ramp,
  concurrency,
};

export type AlgorithmName = keyof typeof ALGORITHMS;

/** The algorithm and parameters of a limiter. */
export type AlgorithmSpec = ReturnType<(typeof ALGORITHMS)[AlgorithmName]['toSpec']>;

/** Returns the algorithm of a spec. */
export function algorithmOf(spec: AlgorithmSpec): Algorithm<AlgorithmSpec> {
  return ALGORITHMS[spec.algorithm];
}

/** Returns the algorithm of this name; for any other name the token bucket, which is the default. */
export function algorithmNamed(name: string | undefined): Algorithm<AlgorithmSpec> {
  return ALGORITHMS[name !== undefined && Object.hasOwn(ALGORITHMS, name) ? (name as AlgorithmName) : 'token-bucket'];
}
