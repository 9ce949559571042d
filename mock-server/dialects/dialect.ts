import type { Admission, AdmissionCheck } from '../admission/admission.ts';
import type { Cost, Limit, RefusalReason, Subject } from '../admission/limit.ts';
import type { RequestedWait } from '../admission/retry-after.ts';
import type { Turn } from '../completion/completion-request.ts';
import type { RuleCounts } from '../completion/rules.ts';
import type { TokenCounter } from '../completion/tokens.ts';
import type { Random } from '../random.ts';
import type { Frame, ProviderRequest } from '../reply.ts';
import type { ReplySettings } from '../reply-settings.ts';
import type { DialectReader } from './reader.ts';
import type { HintSource } from './wait-hint.ts';

/** Independent random streams, so that a longer answer does not change the IDs of the next request. */
export interface RandomStreams {
  readonly ids: Random;
  readonly text: Random;
  readonly latency: Random;
}

/** State that a provider keeps between requests. */
export interface Memory {
  readonly ruleCounts: RuleCounts;
  /** Conversations by the ID of their last response, oldest first. */
  readonly conversations: Map<string, readonly Turn[]>;
}

/** Everything that an answer depends on in addition to the request. */
export interface RequestContext {
  readonly nowUs: number;
  /** Offset of the clock that writes dates (clock skew). */
  readonly dateSkewUs: number;
  readonly requestId: string;
  readonly random: RandomStreams;
  readonly settings: ReplySettings;
  readonly tokens: TokenCounter;
  readonly memory: Memory;
}

/**
 * Headers that request a wait. `raw` is `retry-after` as sent, or its equivalent in the body. `statedWaitUs` is the
 * wait that the text of `source` means, 0 for a moment that has passed; absent for text without meaning.
 */
export interface RetryAfterHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly source: Exclude<HintSource, 'reset' | 'message'>;
  readonly statedWaitUs?: number;
}

/** A response in the provider's format, before limit headers are added. */
export interface ResponseDraft {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Characters of answer text. */
  readonly answerChars?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  /** Formats an error event that follows `after` frames of this stream; absent for other responses. */
  readonly lateError?: (after: number, code: string) => string;
  /** Whether the last frame does nothing but end the stream, as `[DONE]` and `message_stop` do. */
  readonly hasEndEvent?: boolean;
}

/** A valid request. */
export interface ParsedRequest {
  readonly endpoint: string;
  readonly subject: Subject;
  /** The cost at admission; null for an unmetered request. */
  readonly cost: Cost | null;
  readonly stream: boolean;
  /** The prompt text. */
  readonly text: string;
  /** The API version, if the request names one. */
  readonly apiVersion?: string;
  answer(context: RequestContext): ResponseDraft;
}

/** An invalid request; it is answered without checking any limit. */
export interface InvalidRequest {
  readonly endpoint: string;
  readonly subject?: Subject;
  readonly response: ResponseDraft;
}

/** The classification of a refusal, independent of its wording. */
export interface RefusalKind {
  readonly status: number;
  readonly errorType: string;
  readonly errorCode: string;
  readonly reason: RefusalReason;
  /** The wait stated in the message, in microseconds; `Infinity` if waiting cannot help. */
  readonly messageWaitUs: number;
}

/** A refusal with everything that its wording depends on. */
export interface Refusal {
  readonly subject: Subject;
  readonly endpoint: string;
  readonly apiVersion?: string;
  readonly reported: AdmissionCheck;
  readonly kind: RefusalKind;
  /** The requested wait; absent if the policy does not send one. */
  readonly wait?: RequestedWait;
}

/** A failure of the provider: an error status, or a refusal that no limit explains, which may request a wait. */
export type ProviderFailure =
  | { readonly status: number }
  | { readonly says: RefusalReason; readonly wait?: RequestedWait };

/** What the wording of a failure depends on, beside the failure: the settings, and whose request it answers. */
export interface FailureContext extends Pick<RequestContext, 'settings' | 'requestId'> {
  readonly subject: Subject;
}

/** A provider's wire format. All functions are pure; `provider.ts` and the provider model call them. */
export interface Dialect {
  readonly reader: DialectReader;
  /** The display name. */
  readonly title: string;
  /** `gen_ai.provider.name` in OpenTelemetry's semantic conventions (gen-ai attributes). */
  readonly otelName: string;
  /** The origin of the real provider; may contain `*`. */
  readonly origin: string;
  /** Returns the environment variables from which the provider's SDKs read the base URL and the API key. */
  environment(url: string, key: string): Readonly<Record<string, string>>;
  /** Variables that the provider's SDKs reject, so that this dialect cannot be configured together with some others. */
  readonly conflictingVariables: readonly string[];
  /** The journal name of the endpoint for plain prompts. */
  readonly mainEndpoint: string;
  /** The default settlement of estimates. */
  readonly settle: NonNullable<Limit['settle']>;
  /** The default estimate at admission. */
  readonly estimator: ReplySettings['estimator'];
  /** Returns the tokens that settlement charges; some providers count input only. */
  meteredTokens(promptTokens: number, completionTokens: number): number;
  requestId(random: Random): string;
  parseRequest(request: ProviderRequest, context: RequestContext): ParsedRequest | InvalidRequest;
  /** Classifies a refusal by the limit that refused. */
  classifyRefusal(refused: AdmissionCheck, settings: ReplySettings): RefusalKind;
  /** Builds the response of a refusal. */
  refuse(refusal: Refusal, context: Pick<RequestContext, 'settings' | 'requestId' | 'nowUs'>): ResponseDraft;
  /** Builds the response of a provider failure: a status has the type, the code and the words that the provider sends with it. */
  fail(failure: ProviderFailure, context: FailureContext): ResponseDraft;
  /** Builds the response to a malformed or oversized request: 400, 408, 413 or 431. */
  malformedRequest(status: number, message: string, requestId: string): ResponseDraft;
  /** Estimates the cost at admission from sizes alone, for the provider model, which has no request body. */
  estimateCost(characters: number, maxTokens: number | undefined, settings: ReplySettings): Cost;
  /** The lower-case names of all headers that `limitHeaders` may return. */
  readonly limitHeaderNames: readonly string[];
  /** Returns the limit headers of an admitted or refused request. */
  limitHeaders(admission: Admission, context: RequestContext): Record<string, string>;
  retryAfterHeaders(wait: RequestedWait, nowUs: number): RetryAfterHeaders;
  /** Returns the headers of every response, and those that require a subject (an authenticated caller). */
  commonHeaders(context: RequestContext, subject: Subject | undefined, processingUs: number): Record<string, string>;
}
