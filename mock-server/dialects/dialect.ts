import type { Admission, Check } from '../admission/admission.ts';
import type { Cost, Limit, Says, Subject } from '../admission/limit.ts';
import type { AskedWait } from '../admission/retry-after.ts';
import type { Turn } from '../completion/ask.ts';
import type { RuleCounts } from '../completion/rules.ts';
import type { TokenCounter } from '../completion/tokens.ts';
import type { Random } from '../random.ts';
import type { Frame, ProviderRequest } from '../reply.ts';
import type { ProviderSettings } from '../settings.ts';

/** Independent streams, so that a longer answer does not shift the next request's identifiers. */
export interface Chances {
  readonly ids: Random;
  readonly text: Random;
  readonly latency: Random;
}

/** What a provider remembers of the requests before. */
export interface Memory {
  readonly ruleCounts: RuleCounts;
  /** Conversations by the id of the response that ends them, oldest first. */
  readonly conversations: Map<string, readonly Turn[]>;
}

/** What an answer may depend on beside the request. */
export interface Moment {
  readonly nowUs: number;
  /** How far the clock is wrong by which dates are told. */
  readonly dateSkewUs: number;
  readonly requestId: string;
  readonly chances: Chances;
  readonly settings: ProviderSettings;
  readonly tokens: TokenCounter;
  readonly memory: Memory;
}

/**
 * The headers that tell a wait, `retry-after` as sent (or what stands for it in the body), and the wait they legally
 * mean from now; absent if illegal.
 */
export interface RetryAfterHeaders {
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: string;
  readonly meansUs?: number;
}

/** A response in the provider's own words: all of it that is not a limit header. */
export interface Content {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly headAfterUs: number;
  readonly frames: readonly Frame[];
  readonly promptTokens?: number;
  readonly completionTokens?: number;
  /** Characters of the answer's text. */
  readonly answerChars?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  /** Of a stream: an error inside it after so many frames, as this stream words it. */
  readonly lateError?: (after: number, code: string) => string;
}

/** A request that was understood and may be answered. */
export interface Asked {
  readonly endpoint: string;
  readonly subject: Subject;
  /** What admission charges; null for a request that no limit meters. */
  readonly cost: Cost | null;
  readonly stream: boolean;
  /** The text that was sent for the model to read. */
  readonly text: string;
  /** The version of the API that was asked for, where requests name one. */
  readonly apiVersion?: string;
  answer(moment: Moment): Content;
}

/** A request that is wrong in itself; it is answered without asking any limit. */
export interface Wrong {
  readonly endpoint: string;
  readonly subject?: Subject;
  readonly wrong: Content;
}

/** What a refusal is, before it is put into words. */
export interface RefusalKind {
  readonly status: number;
  readonly errorType: string;
  readonly errorCode: string;
  readonly says: Says;
  /** The wait that its message tells, in microseconds; `Infinity` where waiting cannot help. */
  readonly toldUs: number;
}

/** A refusal with all that its words depend on. */
export interface Refusal {
  readonly subject: Subject;
  readonly endpoint: string;
  readonly apiVersion?: string;
  readonly reported: Check;
  readonly kind: RefusalKind;
  /** What the client is told to wait, where it is told. */
  readonly wait?: AskedWait;
}

/** Something wrong with the provider itself: a status, or a refusal that no limit's level explains. */
export type Trouble = { readonly status: number } | { readonly says: Says };

/** One provider's wire format. Everything here is pure; provider.ts and the model of a provider are the callers. */
export interface Dialect {
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** Where the real one is; may hold `*`. */
  readonly origin: string;
  /** The variables in which its SDKs look for their provider, for one at `url` that lets `key` in. */
  environment(url: string, key: string): Readonly<Record<string, string>>;
  /** The endpoint that a plain question goes to, as journals name it. */
  readonly mainEndpoint: string;
  /** What becomes of estimates where a limit does not say. */
  readonly settle: NonNullable<Limit['settle']>;
  /** What counts as tokens once both counts are known; some count only what is sent. */
  meteredTokens(promptTokens: number, completionTokens: number): number;
  requestId(random: Random): string;
  read(request: ProviderRequest, moment: Moment): Asked | Wrong;
  /** What a refusal by this limit is. */
  kindOf(refused: Check, settings: ProviderSettings): RefusalKind;
  /** A refusal in the provider's words. */
  refuse(refusal: Refusal, moment: Pick<Moment, 'settings' | 'requestId' | 'nowUs'>): Content;
  /** What the provider says when something is wrong with itself. */
  trouble(trouble: Trouble, moment: Pick<Moment, 'settings' | 'requestId'>): Content;
  /** What is no request at all, or too much of one: 400, 408, 413, 431. */
  notARequest(status: number, message: string, requestId: string): Content;
  /** What a request costs at admission by its size, for a model that has no request. */
  costOf(characters: number, maxTokens: number | undefined, settings: ProviderSettings): Cost;
  /** Limit headers for an admitted or refused request. */
  limitHeaders(admission: Admission, moment: Moment): Record<string, string>;
  retryAfterHeaders(wait: AskedWait, nowUs: number): RetryAfterHeaders;
  /** Headers that every response carries, and those that only an authenticated one does. */
  commonHeaders(moment: Moment, subject: Subject | undefined, processingUs: number): Record<string, string>;
}
