/**
 * One HTTP request of recorded traffic as far as limits can be learnt from it. Whatever the recording does not tell is
 * absent; nothing is guessed. No key, cookie or text of a prompt or an answer is in it.
 */
export interface Observation {
  /** When the request was sent, in microseconds since the Unix epoch. */
  readonly atUs: number;
  /** When its answer had ended; `atUs` where the recording has no durations (`timed` is then false). */
  readonly endUs: number;
  readonly timed: boolean;
  /** 0 where no answer came. */
  readonly status: number;
  /** The answer's headers that `isLimitHeader` accepts; names are lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Host the request went to, e.g. `api.openai.com`, where the recording names one. */
  readonly host?: string;
  /** As in `Sight.endpoint`: the path without what is secret in it. */
  readonly endpoint: string;
  readonly model?: string;
  /** Salted hash of the API key: equal within one analysis, and in no other. */
  readonly key?: string;
  readonly errorType?: string;
  readonly errorCode?: string;
  /** The wait that the answer told, wherever it did so, in microseconds; `message`: only in words ("try again in 20s"). */
  readonly toldWaitUs?: number;
  readonly toldBy?: 'retry-after-ms' | 'retry-after' | 'retry-info' | 'message';
  /** A refusal's message (429, 503), cut to `MOST_ERROR_TEXT` characters, with whatever looks like a key taken out. */
  readonly errorText?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** What the request asked for at the most (`max_tokens`, `max_completion_tokens`, `max_output_tokens`). */
  readonly maxTokens?: number;
}

/** Characters of an error's message that are kept. */
export const MOST_ERROR_TEXT = 300;

const LIMIT_HEADER =
  /^(retry-after(-ms)?|x-ms-retry-after-ms|x-should-retry|date|openai-processing-ms|(x-|anthropic-|x-ms-)?ratelimit(-.+)?|x-rate-limit-.+|x-quota-.+|azureml-model-.+)$/;

/** Whether a header of an answer says something about limits; takes a lower-case name. */
export function isLimitHeader(name: string): boolean {
  return LIMIT_HEADER.test(name);
}
