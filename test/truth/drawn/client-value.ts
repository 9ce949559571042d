/** A client as a value: its code, its model and the faults that it has all follow from it. */

/** How waits are randomised; `minus-quarter` is the SDKs' v × U(0.75, 1), `plus-minus-fifth` gRPC's v × U(0.8, 1.2). */
export type WaitJitter = 'none' | 'full' | 'equal' | 'minus-quarter' | 'plus-minus-fifth';

/** The wait before retry k, from 0: min(cap, base × factor^k), with jitter. */
export interface OwnWait {
  readonly baseMs: number;
  readonly factor: number;
  readonly capMs: number;
  readonly jitter: WaitJitter;
}

/**
 * How it reads the wait that a refusal requests. `exact`: every form, dates by the provider's `date`. `strict`: digits and dates,
 * as in RFC 9110. The others are careless, and named by their mistake.
 */
export type Reading =
  | 'exact'
  | 'strict'
  | 'ignored'
  | 'leading-digits'
  | 'number-as-milliseconds'
  | 'milliseconds-as-seconds'
  | 'own-clock'
  | 'date-as-number'
  | 'sign-lost';

/** How an attempt ended, as the client tells endings apart. `spent`: a bill; `broken`: no complete answer, or its own timeout. */
export type Ending =
  | 'answered'
  | 'refused'
  | 'spent'
  | 'too-large'
  | 'overloaded'
  | 'failed'
  | 'rejected'
  | 'broken'
  | 'unreadable';

/** What stands between a call and its attempts. Gates are shared by all calls. */
export type Gate =
  | { readonly kind: 'none' }
  /** A queue in order of arrival: `burst` at once, then one every `everyMs`. */
  | { readonly kind: 'queue'; readonly burst: number; readonly everyMs: number }
  /** A queue that always serves the virtual user with the lowest number. */
  | { readonly kind: 'favours-first'; readonly everyMs: number }
  /** A limit on calls in flight; `over: 'call'` holds its permit during back-off too. */
  | { readonly kind: 'permits'; readonly count: number; readonly over: 'attempt' | 'call' }
  /** Fails at once, locally, after this many consecutive failures; null: it never closes again. */
  | { readonly kind: 'breaker'; readonly failures: number; readonly openMs: number | null; readonly per: 'all' | 'vu' }
  /** After a refusal every call fails at once, locally, for this long. */
  | { readonly kind: 'cool-down'; readonly coolMs: number }
  /** Everything waits for the next full minute. */
  | { readonly kind: 'top-of-minute' };

/**
 * What becomes of a stream that breaks after its first text. `discard`: starts again with empty hands; `replay`: starts again
 * and keeps the partial text; `surface`: an error; `deliver`: the partial text is the answer.
 */
export type BrokenStream = 'discard' | 'replay' | 'surface' | 'deliver';

export interface DrawnClient {
  /** Attempts of one round; null for ever. */
  readonly attempts: number | null;
  readonly wait: OwnWait;
  readonly reading: Reading;
  /** The longest requested wait that it obeys; for a longer one it takes its own. */
  readonly obeysUpToMs: number;
  /** Adds up to this share of it to a requested wait. */
  readonly spread: number;
  readonly repeats: readonly Ending[];
  /** A loop around the loop: `rounds` in all, with a pause between them. */
  readonly outer: { readonly rounds: number; readonly pauseMs: number } | null;
  readonly gate: Gate;
  /** Sends the request again when no answer has begun by then. */
  readonly hedgeAfterMs: number | null;
  /** Of one attempt. */
  readonly timeoutMs: number | null;
  /** Of a whole call. */
  readonly deadlineMs: number | null;
  readonly brokenStream: BrokenStream;
  /** What the caller gets when it gives up. */
  readonly givesUpWith: 'an error' | 'an empty text' | 'the text of the error';
  readonly idempotencyKey: 'none' | 'same' | 'changing';
  /** Whether it sends its retry count, as Stainless SDKs do. */
  readonly sendsRetryCount: boolean;
  /** A scheduler that makes a call for the same job again, `everyMs` after the last began, until one succeeds. */
  readonly job: { readonly tries: number; readonly everyMs: number } | null;
}

/** Attempts of one call over all rounds, at most; Infinity for ever. */
export function mostAttempts({ attempts, outer, hedgeAfterMs }: DrawnClient): number {
  return (attempts ?? Infinity) * (outer?.rounds ?? 1) * (hedgeAfterMs === null ? 1 : 2);
}

/** The range of the client's own wait before a retry, from 0, in milliseconds. */
export function ownWaitRangeMs(
  { baseMs, factor, capMs, jitter }: OwnWait,
  retry: number,
): [least: number, most: number] {
  const ms = Math.min(capMs, baseMs * factor ** retry);
  const [low, high] = SHARES[jitter];
  return [ms * low, ms * high];
}

/** Draws the client's own wait before a retry. `random` returns a uniform number in [0, 1). */
export function drawOwnWaitMs(wait: OwnWait, retry: number, random: () => number): number {
  const [least, most] = ownWaitRangeMs(wait, retry);
  return least + random() * (most - least);
}

const SHARES: Readonly<Record<WaitJitter, readonly [number, number]>> = {
  none: [1, 1],
  full: [0, 1],
  equal: [0.5, 1],
  'minus-quarter': [0.75, 1],
  'plus-minus-fifth': [0.8, 1.2],
};
