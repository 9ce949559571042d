import type { Admission, Check } from './admission/admission.ts';
import type { Asked, Content, Moment, RetryAfterHeaders, Wrong } from './dialects/dialect.ts';
import type { FaultEffect } from './faults/fault.ts';
import type { LimitSight, ProviderRequest, ProviderView, Reply } from './reply.ts';
import { simHash, toHex } from './similarity/simhash.ts';
import { textHash } from './text-hash.ts';

/** A request's answer and how it came about. */
export interface Answered {
  readonly content: Content;
  /** Absent for a request that was wrong in itself or that no limit meters. */
  readonly admission?: Admission;
  readonly retryAfter?: RetryAfterHeaders;
  /** The kind of fault that it suffered, and how its reply then ends. */
  readonly fault?: FaultEffect['kind'];
  readonly ending?: Reply['ending'];
  /** Of a stream that a fault broke: the characters of text that went out before. */
  readonly sentChars?: number;
}

/** Where load comes from unless somebody means otherwise. */
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1', '']);

/**
 * The part of an attempt's record that only the provider knows. `nowUs` is when the request was received; `hashKey` turns
 * an API key into what may be kept of it.
 */
export function providerView(
  request: ProviderRequest,
  asked: Asked | Wrong,
  answered: Answered,
  hashKey: (key: string) => string,
  { nowUs, dateSkewUs }: Pick<Moment, 'nowUs' | 'dateSkewUs'>,
  headers: Reply['headers'],
): ProviderView {
  const { content, admission, retryAfter, fault } = answered;
  const { subject } = asked;
  return {
    endpoint: asked.endpoint,
    ...(subject?.model && { model: subject.model }),
    ...(subject && { key: hashKey(subject.key) }),
    status: content.status,
    ...(fault && { fault }),
    ...(dateSkewUs !== 0 && { dateSkewUs }),
    ...(headers['x-should-retry'] !== undefined && { shouldRetry: headers['x-should-retry'] === 'true' }),
    ...(content.errorType && { errorType: content.errorType }),
    ...(content.errorCode && { errorCode: content.errorCode }),
    ...meteredSight(admission, retryAfter, nowUs),
    ...(content.promptTokens !== undefined && { promptTokens: content.promptTokens }),
    ...(content.completionTokens !== undefined && { completionTokens: content.completionTokens }),
    ...(content.answerChars !== undefined && { answerChars: content.answerChars }),
    ...(answered.sentChars !== undefined && { sentChars: answered.sentChars }),
    bodyHash: textHash(`${request.method} ${request.target}\n${request.body}`),
    bodyBytes: request.body.length,
    ...(!LOOPBACK.has(request.ip) && { ip: request.ip }),
    ...('text' in asked && asked.text !== '' && { textHash: toHex(simHash(asked.text)) }),
    stream: 'stream' in asked && asked.stream,
    ...clientMarks(request.headers, hashKey),
  };
}

/** What the limits said of a request, and what its client was told to wait. To be asked when all has been charged. */
export function meteredSight(
  admission: Admission | undefined,
  retryAfter: RetryAfterHeaders | undefined,
  nowUs: number,
): Pick<ProviderView, 'retryAfterRaw' | 'retryAfterUs' | 'limits' | 'deniedBy' | 'admitAfterUs'> {
  return {
    ...(retryAfter && { retryAfterRaw: retryAfter.raw }),
    ...(retryAfter?.meansUs !== undefined && { retryAfterUs: retryAfter.meansUs }),
    limits: admission ? admission.checks.map((check) => limitSight(check, admission.admit, nowUs)) : [],
    ...(admission?.reported && refusalSight(admission.reported)),
  };
}

/** On refusal, a limit that would have admitted is left as it was; what it was charged for refusals shows in `after`. */
function limitSight({ bucket, cost, decision }: Check, admitted: boolean, nowUs: number): LimitSight {
  const { limit, limiter } = bucket.bound;
  const before = decision.admit ? decision.remaining + cost : decision.remaining;
  const after = admitted ? decision.remaining : limiter.check(bucket.state, nowUs, 0).remaining;
  return { limit: limit.name, bucket: bucket.label, unit: limit.unit, cost, admit: decision.admit, before, after };
}

function refusalSight({ bucket, decision }: Check): Pick<ProviderView, 'deniedBy' | 'admitAfterUs'> {
  const { retryAfterUs } = decision;
  return {
    deniedBy: bucket.bound.limit.name,
    ...(retryAfterUs !== Infinity && { admitAfterUs: retryAfterUs }),
  };
}

/** What clients say of themselves: the Stainless SDKs count their retries, the runner's own clients carry a call tag. */
function clientMarks(
  headers: ProviderRequest['headers'],
  hashKey: (key: string) => string,
): Pick<ProviderView, 'retryCount' | 'userAgent' | 'callTag' | 'idempotencyKey'> {
  const idempotencyKey = headers['idempotency-key'];
  const retryCount = headers['x-stainless-retry-count'];
  const userAgent = headers['user-agent'];
  const callTag = headers[CALL_TAG_HEADER];
  return {
    ...(retryCount !== undefined && /^\d+$/.test(retryCount) && { retryCount: Number(retryCount) }),
    ...(idempotencyKey !== undefined && { idempotencyKey: hashKey(idempotencyKey) }),
    ...(userAgent !== undefined && { userAgent }),
    ...(callTag !== undefined && { callTag }),
  };
}

/** The header in which a runner tells the provider which call an attempt belongs to. */
export const CALL_TAG_HEADER = 'x-quotalab-call';

/** The header in which an observer in front of a gateway numbers the requests that it passes on. */
export const OBSERVED_HEADER = 'x-quotalab-request';
