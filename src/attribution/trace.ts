import type { ProviderView } from '../../mock-server/reply.ts';
import type { AttemptRecord } from '../journal/record.ts';

/** The marks of a request and of its answer that tell which call it may belong to. */
type Marks = Pick<
  ProviderView,
  'key' | 'status' | 'errorCode' | 'shouldRetry' | 'retryAfterUs' | 'retryCount' | 'idempotencyKey'
>;

/**
 * What a request shows of the call that made it: an attempt that the provider saw, or a request that somebody recorded.
 * Microseconds; what is not known is absent.
 */
export interface Trace extends Marks {
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs?: number;
  /** How exact its moments are; where nothing is said, as exact as the provider sees them (`ending.ts`). */
  readonly resolutionUs?: number;
  readonly outcome: AttemptRecord['outcome'];
  readonly host?: string;
  /** Hash of what makes two requests the same: method, path and body. */
  readonly bodyHash?: string;
  /** What whoever recorded the traffic knows of calls: a marker of each, a span around it. */
  readonly marker?: string;
  readonly parentSpan?: string;
  /** All of its call was recorded as one; `place` names it. */
  readonly whole?: true;
  readonly place?: string;
}
