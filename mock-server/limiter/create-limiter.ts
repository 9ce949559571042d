import { QuotaLabError } from '../error.ts';
import type { AlgorithmSpec } from './algorithm.ts';
import { calendarQuota } from './calendar-quota.ts';
import { concurrency } from './concurrency.ts';
import { fixedWindow } from './fixed-window.ts';
import { leakyBucket } from './leaky-bucket.ts';
import { leakyQueue } from './leaky-queue.ts';
import { limitProblems } from './limit-problems.ts';
import type { Limiter } from './limiter.ts';
import { slidingWindowCounter } from './sliding-window-counter.ts';
import { slidingWindowLog } from './sliding-window-log.ts';
import { tickBucket } from './tick-bucket.ts';
import { tokenBucket } from './token-bucket.ts';

type Create<Name> = (spec: Extract<AlgorithmSpec, { algorithm: Name }> & AlgorithmSpec) => Limiter;

/** All algorithms, by their name in scenarios. */
const ALGORITHMS: { readonly [Name in AlgorithmSpec['algorithm']]: Create<Name> } = {
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
  concurrency,
};

/** Creates the limiter of a spec. Throws `limiter/invalid` with every invalid parameter. */
export function createLimiter(spec: AlgorithmSpec): Limiter {
  const problems = limitProblems(spec);
  if (problems.length > 0) throw new QuotaLabError('limiter/invalid', `invalid ${spec.algorithm}`, { problems });
  return (ALGORITHMS[spec.algorithm] as (spec: AlgorithmSpec) => Limiter)(spec);
}
