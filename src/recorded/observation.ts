import { isDialectHeader } from '../../mock-server/dialects/any-dialect.ts';

/**
 * The part of a recorded HTTP request that limits can be learnt from. Values that the recording lacks are absent, never
 * guessed. Contains no keys, cookies, prompts or reply texts.
 */
export interface Observation {
  /** When the request was sent, in microseconds since the Unix epoch. */
  readonly atUs: number;
  /** When the reply ended; `atUs` if the recording has no durations (`timed` is then false). */
  readonly endUs: number;
  readonly timed: boolean;
  /** HTTP status; 0 without a reply. */
  readonly status: number;
  /** The reply headers that `isKeptHeader` accepts, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Host of the request, e.g. `api.openai.com`, if recorded. */
  readonly host?: string;
  /** As in `ProviderView.endpoint`: derived from the path, without secrets. */
  readonly endpoint: string;
  readonly model?: string;
  /** Salted hash of the API key, comparable only within one analysis. */
  readonly key?: string;
  readonly errorType?: string;
  readonly errorCode?: string;
  /** The wait that the reply requested, in microseconds. */
  readonly requestedWaitUs?: number;
  /** Where the reply states the wait; `message`: only in its text ("try again in 20s"). */
  readonly waitSource?: 'retry-after-ms' | 'retry-after' | 'retry-info' | 'message';
  /** A refusal's message (429, 503), cut to `MAX_ERROR_TEXT_CHARS`, with possible keys removed. */
  readonly errorText?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Value of `max_tokens`, `max_completion_tokens` or `max_output_tokens` in the request. */
  readonly maxTokens?: number;
}

/** Longest error message that is kept. */
export const MAX_ERROR_TEXT_CHARS = 300;

const KEPT_HEADER = /^(retry-after(-ms)?|x-should-retry|date|(x-)?ratelimit(-.+)?|x-quota-.+)$/;

/** Returns whether recordings keep a reply header: those about limits and time. `name` must be lower case. */
export function isKeptHeader(name: string): boolean {
  return KEPT_HEADER.test(name) || isDialectHeader(name);
}
