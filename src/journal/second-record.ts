import type { ProviderView } from '../../mock-server/reply.ts';
import type { AttemptRecord, CallRecord, Via } from './call-records.ts';

/** How often each value occurred, sorted by value; durations in microseconds, rounded by `roundToClass`. */
export type ValueCounts = readonly (readonly [value: number, count: number])[];

/** Attempts with the same result, and their number. */
export interface AttemptGroup
  extends Pick<ProviderView, 'status' | 'model' | 'fault' | 'errorType' | 'errorCode' | 'deniedBy'>,
    Via {
  readonly outcome: AttemptRecord['outcome'];
  readonly count: number;
  /** From the request head received to the last byte sent, and to the reply head, for attempts with a reply. */
  readonly durations: ValueCounts;
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
  /** Requests that the bucket checked, and those that it refused and that report it as the refusing limit. */
  readonly met: number;
  readonly denied: number;
  /** Requests with a successful reply, and the units charged for them; the cost of the last request. */
  readonly admitted: number;
  readonly charged: number;
  readonly cost: number;
  /** Level before the first request and after the last, and the lowest level after any of them. */
  readonly before: number;
  readonly after: number;
  readonly least: number;
}

/**
 * Counts of what ended in one second of raw load, which has too many requests for a record each. Times are microseconds since
 * the start of the run; the last second may be shorter. A record has either `attempts` and `buckets` of the
 * provider (one record per second), or `calls` of the load generator (one record per second and thread).
 */
export interface SecondRecord {
  readonly type: 'second';
  readonly startUs: number;
  readonly endUs: number;
  readonly attempts?: readonly AttemptGroup[];
  readonly buckets?: readonly BucketGroup[];
  readonly calls?: readonly CallGroup[];
}

/** Significant binary digits of a duration: an error below 0.4 %, and few distinct values however many are counted. */
const BINARY_DIGITS = 8;

/** Returns a small integer as it is, and for a large one the middle of its class. */
export function roundToClass(value: number): number {
  const bits = 32 - Math.clz32(value);
  if (bits <= BINARY_DIGITS) return value;
  const unit = 2 ** (bits - BINARY_DIGITS);
  return Math.floor(value / unit) * unit + unit / 2;
}
