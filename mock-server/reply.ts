import type { Unit } from './admission/limit.ts';

/** One HTTP request as the provider sees it. Header names are lower case; `target` is path and query. */
export interface ProviderRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly ip: string;
}

/** A piece of the body and when it is due, in microseconds after the request was received. */
export interface Frame {
  readonly afterUs: number;
  readonly bytes: string;
}

/**
 * A frame whose bytes are put into words when they are asked for: thousands of streams wait open, and what they will say
 * takes ten times the memory of how to say it. `write` must give the same bytes each time.
 */
export class LazyFrame implements Frame {
  readonly afterUs: number;
  readonly write: () => string;

  constructor(afterUs: number, write: () => string) {
    this.afterUs = afterUs;
    this.write = write;
  }

  get bytes(): string {
    return this.write();
  }
}

/** The same frames, later. */
export function delayed(frames: readonly Frame[], byUs: number): Frame[] {
  return frames.map((frame) => new LazyFrame(frame.afterUs + byUs, () => frame.bytes));
}

/** What one limit said about one request; amounts in the limit's unit, rounded down. */
export interface LimitSight {
  readonly limit: string;
  /** Names the bucket within the run: limit, scope values (keys hashed), pool. */
  readonly bucket: string;
  readonly unit: Unit;
  readonly cost: number;
  readonly admit: boolean;
  /** Units left before and after this request. */
  readonly before: number;
  readonly after: number;
}

/** What the provider saw and decided: the part of an attempt's record that only it knows. */
export interface ProviderView {
  readonly endpoint: string;
  readonly model?: string;
  /** Salted short hash of the API key; the key itself is never kept. */
  readonly key?: string;
  readonly status: number;
  /** What went wrong by intent (`faults/fault.ts`). */
  readonly fault?: string;
  readonly errorType?: string;
  readonly errorCode?: string;
  /** Retry-After exactly as sent, and the wait it legally means, from the moment the head is sent. */
  readonly retryAfterRaw?: string;
  readonly retryAfterUs?: number;
  readonly limits: readonly LimitSight[];
  /** How far the date that was sent is from the true one, where the provider's clock is wrong. */
  readonly dateSkewUs?: number;
  /** What `x-should-retry` said, where it was sent. */
  readonly shouldRetry?: boolean;
  /** The limit that refused and was reported. */
  readonly deniedBy?: string;
  /** Microseconds from receipt until this cost would pass if nobody else drew; absent for never. */
  readonly admitAfterUs?: number;
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Characters of the answer's text; and of a stream that a fault broke, those that were sent before. */
  readonly answerChars?: number;
  readonly sentChars?: number;
  /** Short hash of method, path and body. */
  readonly bodyHash: string;
  readonly bodyBytes: number;
  /** Where it came from, if not from this machine. */
  readonly ip?: string;
  /** SimHash of the text that the model was given to read, system messages apart (`similarity/simhash.ts`). */
  readonly textHash?: string;
  readonly stream: boolean;
  /** Short hash of the `idempotency-key` that the client sent. */
  readonly idempotencyKey?: string;
  /** `x-stainless-retry-count`, where the client sends it. */
  readonly retryCount?: number;
  readonly userAgent?: string;
  /** The runner's own call tag, where the client carried it. */
  readonly callTag?: string;
}

/**
 * What will be sent for one request and when: a value, decided before the first byte leaves (design §4). An edge plays
 * it and then tells the provider once, through `Provider.finish`, how it ended.
 */
export interface Reply {
  /** Names the reply to `Provider.finish`. */
  readonly id: number;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** When the head is due, in microseconds after receipt. It is never sent where there are no frames and no completion. */
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  readonly ending: 'complete' | 'reset' | 'stall' | 'truncate';
  readonly sight: ProviderView;
  /** Hash of the words that the model was given to read (`similarity/words-hash.ts`): tells whose it is, and is not kept. */
  readonly promptHash?: string;
}

/** Whether a reply has a head to send: one that is reset or never comes has none. */
export function hasHead({ ending, frames }: Reply): boolean {
  return ending === 'complete' || ending === 'truncate' || frames.length > 0;
}

/**
 * Where no network lies between a client and its provider, a reply takes so long at the least: else one that retries at
 * once would send without end while time stands still.
 */
export const LEAST_REPLY_US = 1000;
