import type { Unit } from '../admission/limit.ts';
import type { Body } from './body.ts';
import type { Range } from './stated-wait.ts';

/** A single-turn prompt without history or tools. */
export interface PlainPrompt {
  readonly model: string;
  readonly prompt: string;
  readonly maxTokens?: number;
  readonly stream: boolean;
}

/** How to send a prompt to a provider as a plain HTTP POST, without an SDK (`wire.md` 1.3, 2). */
export interface PromptFormat {
  /** Environment variables that hold the base URL and the API key (see `Dialect.environment`). */
  readonly baseVariable: string;
  readonly keyVariable: string;
  /** Path and query, relative to the base URL. */
  path(prompt: PlainPrompt): string;
  headers(key: string): Readonly<Record<string, string>>;
  body(prompt: PlainPrompt): JsonBody;
}

interface JsonBody {
  readonly [key: string]: JsonValue;
}
type JsonValue = string | number | boolean | JsonBody | readonly JsonValue[];

/** The state of one limit in the headers of a reply. */
export interface StatedLimit {
  readonly unit: Unit;
  /** Distinguishes several limits on one unit: `project`, or the name of an IETF policy. */
  readonly label?: string;
  readonly limit: number;
  /** Units left, as printed. The true value, rounded down, differs by at most `rounding`. */
  readonly remaining: number;
  readonly rounding: number;
  /** Time from the reply to the reset, in microseconds. */
  readonly resetUs?: Range;
  /** The window that an IETF policy states. */
  readonly statedWindowUs?: number;
}

/** What the message of a refusal says about its limit. */
export interface StatedRefusal {
  readonly unit?: Unit;
  /** The stated period of the limit, e.g. "per min". */
  readonly periodUs?: number;
  readonly limit?: number;
  readonly used?: number;
  readonly requested?: number;
  /** The requested wait. */
  readonly waitUs?: Range;
  /** The name of the pool that models share. */
  readonly pool?: string;
  /** The owner of the limit, if the message names it. */
  readonly owner?: 'organization' | 'project';
  readonly perModel?: boolean;
  /** Set if waiting does not help: the request exceeds the whole limit, or the budget is spent. */
  readonly permanent?: 'too-large' | 'billing';
}

/** The values of a request that a record keeps; absent if the request does not state them. */
export interface RequestFacts {
  readonly model?: string;
  readonly stream?: boolean;
  readonly maxTokens?: number;
}

/** The values of a reply body, or of one event of a stream, that a record keeps. */
export interface ReplyFacts {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly errorText?: string;
  /** The requested wait as written in the body (google.rpc.RetryInfo). */
  readonly retryDelay?: string;
}

/**
 * The client's side of a wire format: how to send a plain prompt, and what replies and recordings state. All members are
 * pure. Recordings do not name their dialect (`any-dialect.ts`), so functions ignore the texts of other dialects.
 */
export interface DialectReader {
  readonly promptFormat: PromptFormat;
  /** Matches the lower-case host names of the provider. */
  readonly hosts: RegExp;
  /** Request headers that may hold the API key. */
  readonly keyHeaders: readonly string[];
  /** Paths of model requests with the endpoint's name in journals. Any prefix is allowed, since gateways may add one. */
  readonly endpoints: readonly (readonly [path: RegExp, endpoint: string])[];
  /** Matches the provider's own reply headers that recordings keep, besides Retry-After and `ratelimit-*`; null for no others. */
  readonly keptHeaders: RegExp | null;
  /** Matches error codes and types that mean an exhausted budget, for which waiting does not help; null without such codes. */
  readonly billingError: RegExp | null;
  /** Reads the limit headers of a reply at `atUs`. */
  readLimits(headers: Readonly<Record<string, string>>, atUs: number): readonly StatedLimit[];
  /** Reads the message of a 429; undefined for unknown wording. */
  readRefusal(message: string): StatedRefusal | undefined;
  /** Reads a request; `body` is undefined if it was not recorded or is not a JSON object. */
  readRequest(body: Body | undefined, path: string): RequestFacts;
  readReply(body: Body): ReplyFacts;
  /** Returns the answer text of a body, or of one event of a stream. */
  answerText(body: Body): string;
  /** Whether an event is the last of a stream. The text `[DONE]` is passed as `{ done: true }`. */
  isLastEvent(event: Body): boolean;
  /** Whether the answer is complete with this event, though the stream may go on: it says why the text ended, or is the last. */
  endsAnswer(event: Body): boolean;
}
