/** Lower-case names. */
export type Headers = Readonly<Record<string, string>>;

/**
 * One request of a recording, before anything secret is taken out: it lives only until `attemptOf` has read it. What the
 * recording does not tell is absent. Moments are microseconds since the Unix epoch.
 */
export interface RecordedEntry {
  /** Where in the recording it stands, for people: `line 12`, `entry 3`. */
  readonly place: string;
  readonly startUs: number;
  /** How exactly moments are written, in microseconds. */
  readonly resolutionUs: number;
  /** When the head of the answer came, and when its last byte did. */
  readonly headersUs?: number;
  readonly endUs?: number;
  readonly outcome: 'response' | 'reset' | 'aborted';
  /** 0 where no answer came. */
  readonly status: number;
  readonly method?: string;
  readonly host?: string;
  /** Path and query. */
  readonly target?: string;
  /** Absent where the format does not record them at all. */
  readonly requestHeaders?: Headers;
  readonly responseHeaders?: Headers;
  readonly requestBody?: string;
  readonly responseBody?: string;
  readonly requestBytes?: number;
  /** What a format tells outright; these win over what headers and bodies say. */
  readonly model?: string;
  readonly endpoint?: string;
  readonly key?: string;
  readonly stream?: boolean;
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly errorText?: string;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly maxTokens?: number;
  readonly idempotencyKey?: string;
  readonly retryCount?: number;
  readonly userAgent?: string;
  /** What is the same in all requests of one call, and in no other. */
  readonly marker?: string;
  readonly parentSpan?: string;
  /** What is the same in requests that are the same, where there is no body. */
  readonly sameAs?: string;
  /** Known to go to a model, whatever its host. */
  readonly isModelCall?: true;
  /** It is a whole call of the client's: attempts inside it cannot be seen. */
  readonly whole?: true;
}

/** What a piece of a recording holds: a request, or something else. */
export type Read = RecordedEntry | { readonly place: string; readonly leftOut: string };

/** Turns text, in pieces as they come, into what it holds. Throws `recording/damaged` where it cannot go on. */
export interface RecordingReader {
  push(text: string): readonly Read[];
  end(): readonly Read[];
}
