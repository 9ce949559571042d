import type { Limit } from './admission/limit.ts';
import type { Rule } from './completion/rules.ts';
import type { LimitHeaderSettings } from './dialects/set-limit-headers.ts';
import type { Fault } from './faults/fault.ts';

/** A duration in microseconds, drawn for each use: fixed, or log-normal with a given median and 99th percentile. */
export type Duration = { readonly fixedUs: number } | { readonly p50Us: number; readonly p99Us: number };

/** Time to the first token, and time per further token. */
export interface Latency {
  readonly firstToken: Duration;
  readonly perToken: Duration;
}

/** How the Retry-After of a refusal is chosen (`backoff.md` section 5). It affects headers only, never the message. */
export type RetryAfterPolicy =
  | 'next-token'
  | 'ceil-seconds'
  | 'window-end'
  | 'slot'
  | 'spread'
  | 'none'
  | 'http-date'
  | 'past-date'
  | { readonly literal?: string; readonly literalMs?: string };

/** What the model answers: seeded lorem, an echo of the prompt, a fixed text, or rules with one of these as the fallback. */
export type AnswerSettings =
  | 'lorem'
  | 'echo'
  | { readonly fixed: string }
  | { readonly rules: readonly Rule[]; readonly otherwise: 'lorem' | 'echo' | { readonly fixed: string } };

/** The configuration of a provider apart from its dialect: what dialects read. */
export interface ReplySettings {
  readonly seed: number;
  readonly limits: readonly Limit[];
  readonly faults: readonly Fault[];
  readonly retryAfter: RetryAfterPolicy;
  /** Errors of the provider's clock, one per reply in rotation; if empty, the server sets `Date`. */
  readonly dateSkewsUs: readonly number[];
  /** Value of `x-should-retry` on refusals; null omits the header. */
  readonly shouldRetry: boolean | null;
  /** Which limit headers are sent (`wire.md` 0.3). */
  readonly headers: 'full' | 'retry-after-only' | 'none';
  /** Limit headers that are not sent as the provider would send them. */
  readonly limitHeaders?: LimitHeaderSettings;
  /** Which of several limits of one unit the headers show: the longest period, or the smallest remaining share. */
  readonly headersShow: 'longest' | 'tightest';
  /** How the wait in a message is computed: from the integers in that message, or from the exact level (`wire.md` 1.7). */
  readonly messageWait: 'integer' | 'exact';
  /** Error codes of exhausted quotas: always `insufficient_quota`, or the codes of 2026. */
  readonly quotaCodes: 'legacy' | '2026';
  /** The kind of account; refusals of a free account explain how to get higher limits. */
  readonly account: 'paid' | 'free';
  readonly latency: Latency;
  readonly answer: AnswerSettings;
  /** Whether the model calls tools when it may: once per user turn, or never. */
  readonly callTools: 'once' | 'never';
  /** Tokens of an answer; a request's maximum may shorten it. */
  readonly answerTokens: number;
  /** How tokens of prompts and answers are counted. */
  readonly tokenizer: 'characters' | 'o200k_base' | 'cl100k_base';
  /** The estimate charged at admission (`wire.md` 1.7): the larger of output reservation and prompt, or their sum. */
  readonly estimator: 'max' | 'sum';
  /** Valid API keys; `any` accepts every non-empty key. */
  readonly keys: 'any' | readonly string[];
  /** Names of these keys in reports, in the same order. */
  readonly keyNames?: readonly string[];
  /** Models in addition to the built-in list; `any` accepts every name. */
  readonly models: 'any' | readonly string[];
  readonly organization: string;
}
