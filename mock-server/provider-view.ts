import type { Admission, AdmissionCheck } from './admission/admission.ts';
import { KEY_HEADERS } from './dialects/any-dialect.ts';
import type {
  InvalidRequest,
  ParsedRequest,
  RequestContext,
  ResponseDraft,
  RetryAfterHeaders,
} from './dialects/dialect.ts';
import type { BodyFacts } from './dialects/inspect-body.ts';
import { parseWaitMessage } from './dialects/stated-wait.ts';
import { findReset, meantWaitUs } from './dialects/wait-hint.ts';
import { textHash } from './hash.ts';
import { type Redactor, secretValues } from './redaction/redactor.ts';
import type { LimitView, ProviderRequest, ProviderView, Reply } from './reply.ts';
import { simHash, toHex } from './similarity/simhash.ts';
import { utf8Length } from './utf8-length.ts';

/** The decided reply to a request, and how it was decided. */
export interface DecidedReply {
  readonly content: ResponseDraft;
  /** Absent for invalid requests and for endpoints without limits. */
  readonly admission?: Admission;
  readonly retryAfter?: RetryAfterHeaders;
  /** The kinds of the injected faults, and how the reply then ends. */
  readonly fault?: string;
  readonly ending?: Reply['ending'];
  /** What a fault made of the body. */
  readonly body?: BodyFacts;
}

/** How a view hides what must not be stored. */
export interface Privacy {
  /** Hash API keys, and other texts that are only compared. */
  readonly hashKey: (key: string) => string;
  readonly hashText: (text: string) => string;
  readonly learnKey: (key: string) => void;
  readonly redactor: Redactor;
}

/** Addresses of local load, which are not recorded. */
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1', '']);

/**
 * Creates the part of an attempt's record that only the provider knows. `nowUs` is when the request was received. API keys are
 * never stored.
 */
export function providerView(
  request: ProviderRequest,
  parsed: ParsedRequest | InvalidRequest,
  decided: DecidedReply,
  privacy: Privacy,
  { nowUs, dateSkewUs }: Pick<RequestContext, 'nowUs' | 'dateSkewUs'>,
  headers: Reply['headers'],
): ProviderView {
  const { content, admission, retryAfter, fault } = decided;
  const { subject } = parsed;
  // Before any text: the redactor learns the key.
  learnKeys(request, privacy);
  const key = subject && privacy.hashKey(subject.key);
  return {
    endpoint: parsed.endpoint,
    ...(subject?.model && { model: privacy.redactor.text(subject.model) }),
    ...(key !== undefined && { key }),
    status: content.status,
    ...(fault && { fault }),
    ...(dateSkewUs !== 0 && { dateSkewUs }),
    ...(headers['x-should-retry'] !== undefined && { shouldRetry: headers['x-should-retry'] === 'true' }),
    ...(content.errorType && { errorType: content.errorType }),
    ...(content.errorCode && { errorCode: content.errorCode }),
    ...meteredView(admission, retryAfter, nowUs),
    ...(!retryAfter && admission?.reported && resetView(headers, admission.reported, nowUs + dateSkewUs)),
    ...messageWait(content, retryAfter),
    ...(content.promptTokens !== undefined && { promptTokens: content.promptTokens }),
    ...(content.completionTokens !== undefined && { completionTokens: content.completionTokens }),
    ...(content.answerChars !== undefined && { answerChars: content.answerChars }),
    ...decided.body,
    bodyHash: textHash(`${request.method} ${request.target}\n${request.body}`),
    bodyBytes: utf8Length(request.body),
    ...(!LOOPBACK.has(request.ip) && { ip: request.ip }),
    ...('text' in parsed && parsed.text !== '' && { textHash: toHex(simHash(parsed.text)) }),
    stream: 'stream' in parsed && parsed.stream,
    ...clientFields(request.headers, privacy),
  };
}

/** Learns the keys of a request, also of one that is not let in, so that they are hidden where they come back. */
function learnKeys({ headers, target }: ProviderRequest, { learnKey }: Privacy): void {
  for (const name of KEY_HEADERS) {
    const value = headers[name];
    if (value !== undefined) learnKey(value.slice(value.lastIndexOf(' ') + 1));
  }
  const query = target.indexOf('?');
  if (query < 0) return;
  for (const value of secretValues(Object.fromEntries(new URLSearchParams(target.slice(query))))) learnKey(value);
}

/** Describes the limit decisions on a request and the requested wait. Call it after all charges are made. */
export function meteredView(
  admission: Admission | undefined,
  retryAfter: RetryAfterHeaders | undefined,
  nowUs: number,
): Pick<ProviderView, 'retryAfterRaw' | 'retryAfterUs' | 'retryAfterSource' | 'limits' | 'deniedBy' | 'admitAfterUs'> {
  return {
    ...(retryAfter && { retryAfterRaw: retryAfter.raw }),
    ...(retryAfter && retryAfter.source !== 'retry-after' && { retryAfterSource: retryAfter.source }),
    ...(retryAfter?.statedWaitUs !== undefined && { retryAfterUs: retryAfter.statedWaitUs }),
    limits: admission ? admission.checks.map((check) => limitView(check, admission.admit, nowUs)) : [],
    ...(admission?.reported && refusalView(admission.reported)),
  };
}

/** The reset of the limit that refused, which is the only hint where no wait is requested. */
function resetView(
  headers: Reply['headers'],
  { bucket }: AdmissionCheck,
  sentUs: number,
): Pick<ProviderView, 'resetRaw' | 'resetUs'> {
  const resetRaw = findReset(headers, bucket.bound.limit.unit);
  if (resetRaw === undefined) return {};
  const resetUs = meantWaitUs({ source: 'reset', raw: resetRaw, sentUs, skewUs: 0 });
  return { resetRaw, ...(resetUs !== undefined && { resetUs }) };
}

/** The wait that the message of a refusal states. Providers round the one in the header, so that the two often differ. */
function messageWait(
  { status, frames }: ResponseDraft,
  retryAfter: RetryAfterHeaders | undefined,
): Pick<ProviderView, 'messageWaitUs'> {
  if (status !== 429 && status !== 503) return {};
  const messageWaitUs = parseWaitMessage(frames[0]?.text ?? '');
  return messageWaitUs === undefined || messageWaitUs === retryAfter?.statedWaitUs ? {} : { messageWaitUs };
}

/** For a refused request, `after` differs from `before` only if the limit charges refusals. */
function limitView({ bucket, cost, decision }: AdmissionCheck, admitted: boolean, nowUs: number): LimitView {
  const { limit, limiter } = bucket.bound;
  const before = decision.admit ? decision.remaining + cost : decision.remaining;
  const after = admitted ? decision.remaining : limiter.check(bucket.state, nowUs, 0).remaining;
  return { limit: limit.name, bucket: bucket.label, unit: limit.unit, cost, admit: decision.admit, before, after };
}

function refusalView({ bucket, decision }: AdmissionCheck): Pick<ProviderView, 'deniedBy' | 'admitAfterUs'> {
  const { retryAfterUs } = decision;
  return {
    deniedBy: bucket.bound.limit.name,
    ...(retryAfterUs !== Infinity && { admitAfterUs: retryAfterUs }),
  };
}

/** Reads facts from request headers: Stainless SDKs send their retry count, the runner's clients a call tag and maybe a job. */
function clientFields(
  headers: ProviderRequest['headers'],
  { hashText, redactor }: Privacy,
): Pick<ProviderView, 'retryCount' | 'userAgent' | 'callTag' | 'replica' | 'idempotencyKey' | 'job'> {
  const idempotencyKey = headers['idempotency-key'];
  const retryCount = headers['x-stainless-retry-count'];
  const userAgent = headers['user-agent'];
  const callTag = headers[CALL_TAG_HEADER];
  const replica = headers[REPLICA_HEADER];
  const job = headers[JOB_HEADER]?.slice(0, MAX_JOB_LENGTH);
  return {
    ...(retryCount !== undefined && /^\d+$/.test(retryCount) && { retryCount: Number(retryCount) }),
    ...(idempotencyKey !== undefined && { idempotencyKey: hashText(idempotencyKey) }),
    ...(userAgent !== undefined && { userAgent: redactor.text(userAgent) }),
    ...(callTag !== undefined && { callTag: redactor.text(callTag) }),
    ...(replica !== undefined && { replica: redactor.text(replica) }),
    ...(job !== undefined && job !== '' && { job: redactor.name(job, hashText) }),
  };
}

/** Header that names the call an attempt belongs to; set by the runner. */
export const CALL_TAG_HEADER = 'x-quotalab-call';

/** Header that names the replica of the client that sent the request; set by the runner. */
export const REPLICA_HEADER = 'x-quotalab-replica';

/** Header in which a client names the job that its call is a try of. */
export const JOB_HEADER = 'x-quotalab-job';

/** The characters of a job's name that are kept. */
export const MAX_JOB_LENGTH = 100;

/** Header in which the observer in front of a gateway numbers the requests it forwards. */
export const OBSERVED_HEADER = 'x-quotalab-request';
