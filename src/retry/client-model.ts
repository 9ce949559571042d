import type { RetryPolicy } from './policy.ts';

/**
 * A budget that stops retries of the whole client when too many of its attempts fail. `share`: this many retries per call,
 * plus `reserve` at the start (Finagle's RetryBudget, the SRE book's 10 %). `tokens` (gRPC A6, AWS SDKs): a retry costs
 * `cost` and is allowed if `least` remains; a success adds `earns`, or, for a retry with `refunds`, its `cost`.
 */
export type RetryBudget =
  | { readonly kind: 'share'; readonly share: number; readonly reserve: number }
  | {
      readonly kind: 'tokens';
      readonly capacity: number;
      readonly cost: number;
      readonly earns: number;
      readonly refunds: boolean;
      readonly least: number;
    };

/** A client-side token bucket that attempts wait for: `burst` at once, then one every `intervalUs`. */
export interface Pace {
  readonly burst: number;
  readonly intervalUs: number;
}

/** Opens after `failures` consecutive refusals or failures: calls fail locally until a probe is allowed `openUs` later. */
export interface Breaker {
  readonly failures: number;
  readonly openUs: number;
}

/** A limit on attempts in flight: a success adds `increase`, a failure multiplies by `decrease`. */
export interface Aimd {
  readonly start: number;
  readonly most: number;
  readonly increase: number;
  readonly decrease: number;
}

/** The behaviour of a client towards a quota, without its code. All VUs of a run share one client. */
export interface ClientModel {
  /** The preset it is based on, for display. */
  readonly name: string;
  /** Maximum calls in flight, null for unlimited; further calls wait in order of arrival. */
  readonly concurrency: number | null;
  /** Timeout of an attempt, null for none. */
  readonly timeoutUs: number | null;
  /** Deadline of a call, waits included, null for none. */
  readonly deadlineUs: number | null;
  readonly retries: RetryPolicy;
  readonly budget: RetryBudget | null;
  /** A bucket with a fixed rate, or that of the AWS SDKs' adaptive mode, which adapts its rate. */
  readonly pace: Pace | 'cubic' | null;
  readonly breaker: Breaker | null;
  readonly aimd: Aimd | null;
}
