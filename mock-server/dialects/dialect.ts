import type { Admission, Check } from '../admission/admission.ts';
import type { Cost, Subject } from '../admission/limit.ts';
import type { AskedWait } from '../admission/retry-after.ts';
import type { Random } from '../random.ts';
import type { Frame, ProviderRequest } from '../reply.ts';
import type { ProviderSettings } from '../settings.ts';

/** Independent streams, so that a longer answer does not shift the next request's identifiers. */
export interface Chances {
  readonly ids: Random;
  readonly text: Random;
  readonly latency: Random;
}

/** What an answer may depend on beside the request. */
export interface Moment {
  readonly nowUs: number;
  readonly chances: Chances;
  readonly settings: ProviderSettings;
}

/** The headers that tell a wait, `retry-after` as sent, and the wait they legally mean from now; absent if illegal. */
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
  readonly errorType?: string;
  readonly errorCode?: string;
}

/** A request that was understood and may be answered. */
export interface Asked {
  readonly endpoint: string;
  readonly subject: Subject;
  /** What admission charges; null for a request that no limit meters. */
  readonly cost: Cost | null;
  readonly stream: boolean;
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
  /** The wait that its message tells, in microseconds; `Infinity` where waiting cannot help. */
  readonly toldUs: number;
}

/** One provider's wire format. Everything here is pure; `receive` in provider.ts is the only caller. */
export interface Dialect {
  readonly name: string;
  read(request: ProviderRequest, moment: Moment): Asked | Wrong;
  /** What a refusal by this limit is. */
  kindOf(refused: Check): RefusalKind;
  /** A refusal in the provider's words. */
  refuse(asked: Asked, admission: Admission, kind: RefusalKind): Content;
  /** What the provider says when something is wrong with itself. */
  fault(status: number): Content;
  /** What a request costs at admission by its size, for a model that has no request. */
  costOf(characters: number, maxTokens: number | undefined, settings: ProviderSettings): Cost;
  /** Limit headers for an admitted or refused request; `wait` only on refusal. */
  limitHeaders(admission: Admission, moment: Moment): Record<string, string>;
  retryAfterHeaders(wait: AskedWait, nowUs: number): RetryAfterHeaders;
  /** Headers that every response carries, and those that only an authenticated one does. */
  commonHeaders(moment: Moment, subject: Subject | undefined, processingUs: number): Record<string, string>;
}
