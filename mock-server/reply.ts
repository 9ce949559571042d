import type { Unit } from './admission/limit.ts';
import type { HintSource } from './dialects/wait-hint.ts';

/** One HTTP request to the provider. Header names are lower case; `target` is path and query. */
export interface ProviderRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly ip: string;
}

/** A chunk of the body and when it is due, in microseconds after receipt of the request. */
export interface Frame {
  readonly afterUs: number;
  readonly text: string;
}

/**
 * A frame whose text is generated on access: with thousands of open streams, generated text would take ten times the
 * memory. `write` must return the same text each time.
 */
export class LazyFrame implements Frame {
  readonly afterUs: number;
  readonly write: () => string;

  constructor(afterUs: number, write: () => string) {
    this.afterUs = afterUs;
    this.write = write;
  }

  get text(): string {
    return this.write();
  }
}

/** Returns the frames, due `byUs` microseconds later. */
export function delayFrames(frames: readonly Frame[], byUs: number): Frame[] {
  return frames.map((frame) => new LazyFrame(frame.afterUs + byUs, () => frame.text));
}

/** The decision of one limit on one request; amounts in the limit's unit, rounded down. */
export interface LimitView {
  readonly limit: string;
  /** Identifies the bucket within the run: limit, scope values (keys hashed), pool. */
  readonly bucket: string;
  readonly unit: Unit;
  readonly cost: number;
  readonly admit: boolean;
  /** Units left before and after this request. */
  readonly before: number;
  readonly after: number;
}

/**
 * What is wrong with a reply whose status is 2xx. `error-body`: its JSON is an error. `error-event`: an event of its stream is.
 * `cut-stream`: the stream stopped before its last event. `not-json`: the body, or one of its events, is not JSON. `content-type`: it is an
 * answer, with a type that does not fit.
 */
export type ReplyDefect = 'error-body' | 'error-event' | 'cut-stream' | 'not-json' | 'content-type';

/** What the provider observed and decided: the part of an attempt's record that only it knows. */
export interface ProviderView {
  readonly endpoint: string;
  readonly model?: string;
  /** Short hash of the API key; the key itself is never stored. */
  readonly key?: string;
  readonly status: number;
  /** Kind of the injected fault (`faults/fault.ts`), or several: `status+slow`. */
  readonly fault?: string;
  /** From the body or an event of its stream, whatever the status. */
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly defect?: ReplyDefect;
  /** Retry-After exactly as sent (or RetryInfo), and the wait that the sender meant, counted from when the head is sent. */
  readonly retryAfterRaw?: string;
  readonly retryAfterUs?: number;
  /** Where `retryAfterUs` stood, if not in `retry-after`. */
  readonly retryAfterSource?: Exclude<HintSource, 'retry-after' | 'reset' | 'message'>;
  /** The reset of the limit that refused, as sent, and the wait that it means; only where no wait was requested. */
  readonly resetRaw?: string;
  readonly resetUs?: number;
  /** The wait that the words of the refusal's message state, where it is another one than the requested wait. */
  readonly messageWaitUs?: number;
  readonly limits: readonly LimitView[];
  /** Error of the provider's clock in the dates it sent, if it has one. */
  readonly dateSkewUs?: number;
  /** Value of `x-should-retry`, if sent. */
  readonly shouldRetry?: boolean;
  /** The limit reported in the refusal. */
  readonly deniedBy?: string;
  /** Microseconds from receipt until this cost would be admitted if nothing else is charged; absent for never. */
  readonly admitAfterUs?: number;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Characters of the answer's text; for a reply that a fault damaged, `sentChars` counts those sent in readable form. */
  readonly answerChars?: number;
  readonly sentChars?: number;
  /** Short hash of method, path and body. */
  readonly bodyHash: string;
  /** Bytes of the request body. */
  readonly bodyBytes: number;
  /** Client address; absent for loopback. */
  readonly ip?: string;
  /** SimHash of the prompt without system messages (`similarity/simhash.ts`). */
  readonly textHash?: string;
  readonly stream: boolean;
  /** Short hash of the client's `idempotency-key`. */
  readonly idempotencyKey?: string;
  /** `x-quotalab-job`, if sent: the job that the call is a try of. */
  readonly job?: string;
  /** `x-stainless-retry-count`, if sent. */
  readonly retryCount?: number;
  readonly userAgent?: string;
  /** The runner's call tag, if the client sent it. */
  readonly callTag?: string;
  /** The replica of the client, as the runner named it. */
  readonly replica?: string;
}

/**
 * What is sent for one request and when: a plain value, decided before the first byte is sent (design §4). The server that
 * sends it calls `Provider.finish` once when it has ended.
 */
export interface Reply {
  /** Identifies the reply in `Provider.finish`. */
  readonly id: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** When the head is due, in microseconds after receipt; see `hasHead`. */
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  readonly ending: 'complete' | 'reset' | 'stall' | 'truncate';
  readonly view: ProviderView;
  /** Hash of the words of the prompt (`similarity/words-hash.ts`): attributes the request to a call; never stored. */
  readonly promptHash?: string;
}

/** Returns whether a reply sends a head; a reset or hang without frames does not. */
export function hasHead({ ending, frames }: Reply): boolean {
  return ending === 'complete' || ending === 'truncate' || frames.length > 0;
}

/**
 * Minimum duration of an in-process reply, in microseconds. Without it, a client that retries immediately would loop forever
 * in virtual time, because the clock never advances.
 */
export const MIN_REPLY_US = 1000;
