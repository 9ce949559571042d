import type { Limit } from './admission/limit.ts';
import type { Rule } from './completion/rules.ts';
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
  | 'past-date'
  | { readonly literal?: string; readonly literalMs?: string };

/** What the model says: seeded lorem, the prompt again, one fixed text, or by rules and otherwise one of these. */
export type Answer =
  | 'lorem'
  | 'echo'
  | { readonly fixed: string }
  | { readonly rules: readonly Rule[]; readonly otherwise: 'lorem' | 'echo' | { readonly fixed: string } };

/** Wire formats, by the folders in `dialects/`. */
export const DIALECT_NAMES = ['openai', 'azure', 'anthropic', 'gemini'] as const;

export type DialectName = (typeof DIALECT_NAMES)[number];

/** Everything that makes one provider differ from another. */
export interface ProviderSettings {
  readonly dialect: DialectName;
  readonly seed: number;
  readonly limits: readonly Limit[];
  readonly faults: readonly Fault[];
  readonly retryAfter: RetryAfterPolicy;
  /** How far the provider's dates are wrong, one after the other from reply to reply; none: `Date` is left to the edge. */
  readonly dateSkewsUs: readonly number[];
  /** What `x-should-retry` says of refusals; the header is left out where this is null. */
  readonly shouldRetry: boolean | null;
  /** Which limit headers are sent (`wire.md` 0.3). */
  readonly headers: 'full' | 'retry-after-only' | 'none';
  /** Of several limits of one unit, whose state the headers show: longest period, or smallest share left. */
  readonly headersShow: 'longest' | 'tightest';
  /** How the wait in a message is found: from the integers beside it, or from the exact level (`wire.md` 1.7). */
  readonly messageWait: 'integer' | 'exact';
  /** Codes of spent quotas: all `insufficient_quota`, or the codes of 2026. */
  readonly quotaCodes: 'legacy' | '2026';
  /** Free accounts are told how to get higher limits. */
  readonly account: 'paid' | 'free';
  readonly latency: Latency;
  readonly answer: Answer;
  /** Whether a model that may call tools does so, once in each turn of the user. */
  readonly callTools: 'once' | 'never';
  /** Tokens of an answer whose request sets no maximum. */
  readonly answerTokens: number;
  /** How the tokens of prompts and answers are counted once they are known. */
  readonly tokenizer: 'characters' | 'o200k_base' | 'cl100k_base';
  /** Tokens charged at admission (`wire.md` 1.7): the larger of output reservation and prompt, or their sum. */
  readonly estimator: 'max' | 'sum';
  /** Keys that are let in; `any` accepts every non-empty one. */
  readonly keys: 'any' | readonly string[];
  /** What reports call these keys, in their order, where they have names. */
  readonly keyNames?: readonly string[];
  /** Models that exist beside the built-in list; `any` accepts every name. */
  readonly models: 'any' | readonly string[];
  readonly organization: string;
}
