import type { ProviderView } from '../../mock-server/reply.ts';
import type { AttemptRecord, CallRecord, Via } from './call-records.ts';

/** How often each value occurred, sorted by value; durations in microseconds, rounded by `roundToClass`. */
export type ValueCounts = readonly (readonly [value: number, count: number])[];

/** Attempts that ended alike (`ending.ts`), and their number. */
export interface AttemptGroup
  extends Pick<ProviderView, 'status' | 'model' | 'fault' | 'errorType' | 'errorCode' | 'defect' | 'deniedBy'>,
    Via {
  readonly outcome: AttemptRecord['outcome'];
  readonly count: number;
  /** From the request head received to the last byte sent; only attempts with outcome `response`. */
  readonly durations: ValueCounts;
  /** From the request head received to the reply head sent; only attempts with a reply head. */
  readonly firstBytes: ValueCounts;
  /** The requested waits. */
  readonly retryAfter: ValueCounts;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Calls with the same result. */
export interface CallGroup extends Pick<CallRecord, 'result' | 'error'> {
  readonly count: number;
  /** From the request sent to the last byte received. */
  readonly durations: ValueCounts;
}

/** The requests that one bucket of a limit checked in a second. */
export interface BucketGroup {
  readonly limit: string;
  readonly bucket: string;
  /** Requests that the bucket checked. */
  readonly met: number;
  /** Requests that were refused and report this bucket as the cause. */
  readonly denied: number;
  /** Requests with a 2xx reply, the units charged for them, and the cost of the last request. */
  readonly admitted: number;
  readonly charged: number;
  readonly cost: number;
  /** Level before the first request and after the last, and the lowest level after any of them. */
  readonly before: number;
  readonly after: number;
  readonly least: number;
}

/**
 * Counts of the attempts or calls that ended in one second of raw load, which has too many requests to record each of them.
 * Times are microseconds since the start of the run; the last second may be shorter. A record has either `attempts` and
 * `buckets` of the provider (one record per second), or `calls` of the load generator (one record per second and thread).
 */
export interface SecondRecord {
  readonly type: 'second';
  readonly startUs: number;
  readonly endUs: number;
  readonly attempts?: readonly AttemptGroup[];
  readonly buckets?: readonly BucketGroup[];
  readonly calls?: readonly CallGroup[];
}

/** Significant binary digits kept of a duration: the error stays below 0.4 %, with few distinct values. */
const BINARY_DIGITS = 8;

/** Rounds an integer to the middle of its class; small integers stay exact. */
export function roundToClass(value: number): number {
  const bits = 32 - Math.clz32(value);
  if (bits <= BINARY_DIGITS) return value;
  const unit = 2 ** (bits - BINARY_DIGITS);
  return Math.floor(value / unit) * unit + unit / 2;
}
