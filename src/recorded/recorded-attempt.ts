import { omitUndefined } from '../../mock-server/json-value.ts';
import type { ProviderView } from '../../mock-server/reply.ts';
import { utf8Length } from '../../mock-server/utf8-length.ts';
import type { AttemptTrace } from '../attribution/attempt-trace.ts';
import { replyDefect, replyFacts, requestFacts } from './bodies.ts';
import { endpointOf } from './endpoints.ts';
import type { Headers, RecordedEntry } from './entry.ts';
import { isKeptHeader, MAX_ERROR_TEXT_CHARS, type Observation } from './observation.ts';
import { type RequestedWait, readRequestedWait } from './requested-wait.ts';
import { asSafeName, findApiKey, redact } from './secrets.ts';

/** A request of a recording without secrets: the values of its attempt record, and those that join it to its call. */
export interface RecordedAttempt extends AttemptTrace, Omit<ProviderView, 'bodyHash'> {
  readonly place: string;
  readonly resolutionUs: number;
  readonly outcome: RecordedEntry['outcome'];
  /** Whether the recording has its request headers. */
  readonly hasHeaders: boolean;
  readonly observation: Observation;
}

const NO_HEADERS: Headers = {};
const MAX_USER_AGENT_CHARS = 120;

/**
 * Converts an entry and removes its secrets: keys, markers and bodies become hashes; cookies and message texts are dropped.
 * `hash` must use a new salt for each analysis.
 */
export function readAttempt(entry: RecordedEntry, hash: (text: string) => string): RecordedAttempt {
  const { place, startUs, headersUs, endUs, resolutionUs, outcome, status, host, target, requestBody } = entry;
  const requestHeaders = entry.requestHeaders ?? NO_HEADERS;
  const replyHeaders = entry.responseHeaders ?? NO_HEADERS;
  const request = { ...requestFacts(requestBody, target), ...omitUndefined(pick(entry, ['stream', 'maxTokens'])) };
  const replyText = entry.responseBody ?? entry.errorText;
  const { retryDelay, ...facts } = replyFacts(replyText);
  const reply = { ...(entry.responseBody !== undefined && facts), ...omitUndefined(pick(entry, REPLY_FIELDS)) };
  const wait =
    outcome === 'response'
      ? readRequestedWait(replyHeaders, { text: replyText, retryDelay }, headersUs ?? endUs ?? startUs)
      : undefined;
  const key = entry.key ?? findApiKey(requestHeaders, target);
  const idempotencyKey = entry.idempotencyKey ?? requestHeaders['idempotency-key'];
  const identity = requestBody === undefined ? entry.sameAs : `${entry.method ?? ''} ${target ?? ''}\n${requestBody}`;
  const common = omitUndefined({
    model: asSafeName(entry.model) ?? request.model,
    key: key === undefined ? undefined : hash(key),
    errorType: asSafeName(reply.errorType),
    errorCode: asSafeName(reply.errorCode),
    promptTokens: reply.promptTokens,
    completionTokens: reply.completionTokens,
  });
  const endpoint = entry.endpoint ?? endpointOf(target) ?? 'unknown';
  return {
    place,
    startUs,
    resolutionUs,
    outcome,
    ...omitUndefined({ headersUs, endUs, host, whole: entry.whole, parentSpan: entry.parentSpan }),
    ...omitUndefined({ marker: hashIfPresent(entry.marker, hash), bodyHash: hashIfPresent(identity, hash) }),
    endpoint,
    status,
    ...common,
    ...replyDefect(entry),
    limits: [],
    ...(wait?.raw !== undefined && {
      retryAfterRaw: wait.raw,
      ...omitUndefined({ retryAfterUs: wait.us, retryAfterSource: sourceIn(wait.source) }),
    }),
    ...(wait?.source === 'message' && omitUndefined({ messageWaitUs: wait.us })),
    ...omitUndefined({ shouldRetry: parseFlag(replyHeaders['x-should-retry']) }),
    bodyBytes: entry.requestBytes ?? utf8Length(requestBody ?? ''),
    stream: request.stream === true,
    ...omitUndefined({
      idempotencyKey: hashIfPresent(idempotencyKey, hash),
      retryCount: entry.retryCount ?? parseRetryCount(requestHeaders['x-stainless-retry-count']),
      userAgent: parseUserAgent(entry.userAgent ?? requestHeaders['user-agent']),
    }),
    hasHeaders: entry.requestHeaders !== undefined || idempotencyKey !== undefined,
    observation: {
      atUs: startUs,
      endUs: endUs ?? startUs,
      timed: endUs !== undefined,
      status,
      headers: Object.fromEntries(Object.entries(replyHeaders).filter(([name]) => isKeptHeader(name))),
      endpoint,
      ...common,
      ...omitUndefined({ host, maxTokens: request.maxTokens, requestedWaitUs: wait?.us, waitSource: wait?.source }),
      ...((status === 429 || status === 503) &&
        reply.errorText !== undefined && { errorText: redact(reply.errorText, MAX_ERROR_TEXT_CHARS) }),
    },
  };
}

const sourceIn = (source: RequestedWait['source']): ProviderView['retryAfterSource'] =>
  source === 'retry-after-ms' || source === 'retry-info' ? source : undefined;

/** Returns the part that a journal keeps, without times and without the values that only join attempts. */
export function toProviderView(attempt: RecordedAttempt): Omit<ProviderView, 'bodyHash'> {
  const { place, startUs, headersUs, endUs, resolutionUs, outcome, host, bodyHash, ...rest } = attempt;
  const { marker, parentSpan, whole, hasHeaders, observation, ...view } = rest;
  return view;
}

const REPLY_FIELDS = ['errorType', 'errorCode', 'errorText', 'promptTokens', 'completionTokens'] as const;

function pick<Key extends keyof RecordedEntry>(entry: RecordedEntry, keys: readonly Key[]): Pick<RecordedEntry, Key> {
  return Object.fromEntries(keys.map((key) => [key, entry[key]])) as Pick<RecordedEntry, Key>;
}

function hashIfPresent(text: string | undefined, hash: (text: string) => string): string | undefined {
  return text === undefined || text === '' ? undefined : hash(text);
}

function parseRetryCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function parseFlag(text: string | undefined): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

function parseUserAgent(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '-' ? undefined : redact(text, MAX_USER_AGENT_CHARS);
}
