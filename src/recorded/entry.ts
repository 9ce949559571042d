/** Header values by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

/**
 * One request of a recording, with its secrets: it must not be kept after `readAttempt` has converted it. Values that the
 * recording lacks are absent. Times are microseconds since the Unix epoch.
 */
export interface RecordedEntry {
  /** Position in the recording for messages: `line 12`, `entry 3`. */
  readonly place: string;
  readonly startUs: number;
  /** Resolution of the times, in microseconds. */
  readonly resolutionUs: number;
  /** When the head and the last byte of the reply arrived. */
  readonly headersUs?: number;
  readonly endUs?: number;
  readonly outcome: 'response' | 'reset' | 'aborted';
  /** HTTP status; 0 without a reply. */
  readonly status: number;
  readonly method?: string;
  readonly host?: string;
  /** Path and query. */
  readonly target?: string;
  /** Absent if the format does not record headers. */
  readonly requestHeaders?: Headers;
  readonly responseHeaders?: Headers;
  readonly requestBody?: string;
  readonly responseBody?: string;
  readonly requestBytes?: number;
  /** Size of the whole reply body as text; a shorter `responseBody` was cut by the recorder. */
  readonly responseBytes?: number;
  /** Values that the format states explicitly; they override headers and bodies. */
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
  /** A value that all requests of one call share, and no others. */
  readonly marker?: string;
  readonly parentSpan?: string;
  /** Identity of the request if its body is not recorded: equal for identical requests. */
  readonly sameAs?: string;
  /** The request is known to go to a model, whatever its host. */
  readonly isModelCall?: true;
  /** The entry is a whole call of the client: its attempts were not recorded. */
  readonly whole?: true;
}

/** An entry of a recording: a request, or why it is skipped. */
export type ParsedEntry = RecordedEntry | { readonly place: string; readonly skipReason: string };

/** Parses entries from chunks of text. Throws `recording/damaged` if it cannot continue. */
export interface RecordingReader {
  push(text: string): readonly ParsedEntry[];
  end(): readonly ParsedEntry[];
}
