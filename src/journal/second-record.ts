import type { ProviderView } from '../../mock-server/reply.ts';
import type { AttemptRecord, CallRecord, Via } from './record.ts';

/** How often each value came, by value; durations in microseconds, rounded by `rounded`. */
export type Counts = readonly (readonly [value: number, count: number])[];

/** Attempts that went alike, as many as there were. */
export interface AttemptGroup
  extends Pick<ProviderView, 'status' | 'model' | 'fault' | 'errorType' | 'errorCode' | 'deniedBy'>,
    Via {
  readonly outcome: AttemptRecord['outcome'];
  readonly count: number;
  /** From head received to last byte sent, and to the head of the reply, of those that were answered. */
  readonly durations: Counts;
  readonly firstBytes: Counts;
  /** The waits that they were told. */
  readonly retryAfter: Counts;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Calls that went alike. */
export interface CallGroup extends Pick<CallRecord, 'result' | 'error'> {
  readonly count: number;
  /** From a request sent to its last byte received. */
  readonly durations: Counts;
}

/** What one bucket of a limit let through in a second. */
export interface BucketGroup {
  readonly limit: string;
  readonly bucket: string;
  /** Requests that met it; those that it refused and was reported for. */
  readonly met: number;
  readonly denied: number;
  /** Requests that were answered, and the units that they were charged; what the last one that met it cost. */
  readonly admitted: number;
  readonly charged: number;
  readonly cost: number;
  /** Units left before the first and after the last, and the fewest in between. */
  readonly before: number;
  readonly after: number;
  readonly least: number;
}

/**
 * What ended in one second of raw load, in which requests were too many to be kept one by one. Microseconds since the start
 * of the run; the last may be shorter. `attempts` and `buckets` are the provider's sight, one record for each second;
 * `calls` are what the load generator saw, in records of their own, one for each of its threads.
 */
export interface SecondRecord {
  readonly type: 'second';
  readonly startUs: number;
  readonly endUs: number;
  readonly attempts?: readonly AttemptGroup[];
  readonly buckets?: readonly BucketGroup[];
  readonly calls?: readonly CallGroup[];
}

/** The eight highest binary digits of a duration: within 0.4 % of it, so that counts of any number stay few. */
const DIGITS = 8;

/** A whole number as counts have it: itself where it is small, the middle of its class where it is not. */
export function rounded(value: number): number {
  const bits = 32 - Math.clz32(value);
  if (bits <= DIGITS) return value;
  const unit = 2 ** (bits - DIGITS);
  return Math.floor(value / unit) * unit + unit / 2;
}
