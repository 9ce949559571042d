import type { ProviderView } from '../../mock-server/reply.ts';
import type { AttemptRecord } from '../journal/call-records.ts';

/** The properties of a request and its reply that show which call it may belong to. */
type TraceMarks = Pick<
  ProviderView,
  | 'key'
  | 'status'
  | 'errorType'
  | 'errorCode'
  | 'defect'
  | 'sentChars'
  | 'shouldRetry'
  | 'retryAfterUs'
  | 'retryCount'
  | 'idempotencyKey'
>;

/**
 * The part of an attempt that is used to find its call, from the provider or from recorded traffic. Times are microseconds;
 * unknown properties are absent.
 */
export interface AttemptTrace extends TraceMarks {
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs?: number;
  /** Resolution of the times; by default that of the provider (`ending.ts`). */
  readonly resolutionUs?: number;
  readonly outcome: AttemptRecord['outcome'];
  readonly host?: string;
  /** Hash of method, path and body: equal for requests that are the same. */
  readonly bodyHash?: string;
  /** Ids that the recorder of the traffic gave the call: a marker that its requests share, or the span around them. */
  readonly marker?: string;
  readonly parentSpan?: string;
  /** Set if the recording has the whole call as one attempt; `place` then identifies the call. */
  readonly whole?: true;
  readonly place?: string;
}
