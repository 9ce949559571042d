import type { RetryPolicy } from './policy.ts';

/**
 * A budget that stops retries of the whole client when too many of its attempts fail. `share`: retries may be so many
 * per call, with `reserve` in hand (Finagle's RetryBudget, the SRE book's 10 %). `tokens`: gRPC A6 and the AWS SDKs: a
 * retry costs `cost`, success gives `earns` back, and what a retry cost too if it was the one that succeeded and
 * `refunds` says so; at `least` or below nothing is retried.
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

/** A token bucket of the client's own that attempts wait for: `burst` at once, then one every `intervalUs`. */
export interface Pace {
  readonly burst: number;
  readonly intervalUs: number;
}

/** Fails calls locally after so many refusals or failures in a row, until `openUs` later one may try. */
export interface Breaker {
  readonly failures: number;
  readonly openUs: number;
}

/** A bound on attempts in flight that rises by `increase` a success and falls by the factor `decrease` a failure. */
export interface Aimd {
  readonly start: number;
  readonly most: number;
  readonly increase: number;
  readonly decrease: number;
}

/** A client without its code: everything about it that a quota meets. All VUs of a run are callers of one client. */
export interface ClientModel {
  /** The preset it was made from, for people. */
  readonly name: string;
  /** Calls in flight at once, null for no bound; others wait in the order in which they came. */
  readonly concurrency: number | null;
  /** How long an attempt may take, null for no end. */
  readonly timeoutUs: number | null;
  /** How long a call may take with all its waits, null for no end: then it fails, whatever it is at. */
  readonly deadlineUs: number | null;
  readonly retries: RetryPolicy;
  readonly budget: RetryBudget | null;
  /** A bucket of fixed rate, or the one of the AWS SDKs' adaptive mode, which finds its rate. */
  readonly pace: Pace | 'cubic' | null;
  readonly breaker: Breaker | null;
  readonly aimd: Aimd | null;
}
