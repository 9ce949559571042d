import type { Admission } from '../admission/admission.ts';
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
  readonly retryAfter: Random;
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

/** One provider's wire format. Everything here is pure; `receive` in provider.ts is the only caller. */
export interface Dialect {
  readonly name: string;
  read(request: ProviderRequest, moment: Moment): Asked | Wrong;
  /** The body of a refusal and the wait its message tells, in microseconds (`Infinity` for never). */
  refuse(asked: Asked, admission: Admission): { content: Content; toldUs: number };
  /** Limit headers for an admitted or refused request; `wait` only on refusal. */
  limitHeaders(admission: Admission, moment: Moment): Record<string, string>;
  retryAfterHeaders(wait: AskedWait, nowUs: number): RetryAfterHeaders;
  /** Headers that every response carries, and those that only an authenticated one does. */
  commonHeaders(moment: Moment, subject: Subject | undefined, processingUs: number): Record<string, string>;
}
