import type { Limit } from './admission/limit.ts';
import type { Fault } from './faults/fault.ts';

/** A duration drawn anew for each use: fixed, or log-normal through its median and 99th percentile. Microseconds. */
export type Duration = { readonly fixedUs: number } | { readonly p50Us: number; readonly p99Us: number };

/** How long an answer takes: to the first token, then for each further one. */
export interface Latency {
  readonly firstToken: Duration;
  readonly perToken: Duration;
}

/** What a refusal's Retry-After says (`backoff.md` section 5). Only the headers differ, never the message. */
export type RetryAfterPolicy =
  | 'next-token'
  | 'ceil-seconds'
  | 'window-end'
  | 'slot'
  | 'spread'
  | 'none'
  | 'http-date'
  | { readonly literal: string };

/** What the model says: seeded lorem, the prompt again, or one fixed text. */
export type Answer = 'lorem' | 'echo' | { readonly fixed: string };

/** Everything that makes one provider differ from another. */
export interface ProviderSettings {
  readonly dialect: 'openai';
  readonly seed: number;
  readonly limits: readonly Limit[];
  readonly faults: readonly Fault[];
  readonly retryAfter: RetryAfterPolicy;
  /** Which limit headers are sent (`wire.md` 0.3). */
  readonly headers: 'full' | 'retry-after-only' | 'none';
  readonly latency: Latency;
  readonly answer: Answer;
  /** Tokens of an answer whose request sets no maximum. */
  readonly answerTokens: number;
  /** Tokens charged at admission (`wire.md` 1.7): the larger of output reservation and prompt, or their sum. */
  readonly estimator: 'max' | 'sum';
  /** Keys that are let in; `any` accepts every non-empty one. */
  readonly keys: 'any' | readonly string[];
  /** Models that exist beside the built-in list; `any` accepts every name. */
  readonly models: 'any' | readonly string[];
  readonly organization: string;
}
