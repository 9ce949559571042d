import type { ProviderView } from '../../mock-server/reply.ts';

/**
 * How an attempt was joined to its call, most reliable first (`backoff.md` section 2). Exact: the runner's tag, or an
 * idempotency key, marker or parent span that the requests of one call share. High: the SDK's retry count. Guess: a prompt
 * that only one call had at the time, a body sent again, or the only open call.
 */
export type JoinedBy =
  | 'tag'
  | 'idempotency'
  | 'marker'
  | 'parent-span'
  | 'retry-count'
  | 'prompt'
  | 'body-hash'
  | 'only-open'
  | 'none';

export interface CallError {
  readonly name: string;
  readonly message: string;
  readonly status?: number;
  readonly code?: string;
}

/**
 * One call of the client under test. Times are microseconds since the start of the run. `scheduledUs` is when the load model
 * should have started the call; latency counts from there (no coordinated omission). `open`: the call had not ended when
 * the run did, or its replica, and `endUs` is the end of that.
 */
export interface CallRecord {
  readonly type: 'call';
  readonly id: number;
  readonly vu: number;
  readonly iteration: number;
  readonly scheduledUs: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly result: 'ok' | 'error' | 'open';
  readonly error?: CallError;
  /** Size of the client's result: characters of a string or items of a list; and whether the result is marked as a fallback. */
  readonly outputSize?: number;
  readonly fallback?: true;
  /** The job that the call is a try of, as named by the scenario or by the client's result or error. */
  readonly job?: string;
  /** The client that made the call, if the scenario has several, and its replica: `chat/3`. */
  readonly client?: string;
  readonly replica?: string;
  /** The kind of call that it was, as the mix of the scenario or its trace names it. */
  readonly kind?: string;
}

/** How an attempt passed the gateway of the run; empty if the provider replied to exactly one upstream request. */
export interface Via {
  /** `gateway`: the reply came from the gateway. `unclear`: unknown, as the provider got requests without attempt numbers. */
  readonly answeredBy?: 'gateway' | 'unclear';
  /** Upstream requests of the gateway, if more than one. */
  readonly upstream?: number;
}

/**
 * One HTTP request, as the provider received it. Times are microseconds since the start of the run: request head received, reply
 * head sent, last byte sent. `aborted`: the client closed the connection first. `open`: the attempt had not ended when the
 * run did. In recorded traffic, `endUs` equals `startUs` if the end was not recorded. In a run with a gateway, times are
 * those in front of the gateway: first byte of the request, head and last byte of the reply.
 */
export interface AttemptRecord extends ProviderView, Via {
  readonly type: 'attempt';
  readonly id: number;
  /** The call of the attempt; null if unknown. */
  readonly call: number | null;
  readonly joinedBy: JoinedBy;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
  readonly outcome: 'response' | 'reset' | 'aborted' | 'open';
  /** The provider that received it, if the scenario has several. */
  readonly provider?: string;
}
