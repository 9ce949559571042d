import type { ProviderView } from '../../mock-server/reply.ts';
import type { Trace } from '../attribution/trace.ts';
import { answerFacts, requestFacts } from './bodies.ts';
import { endpointOf } from './endpoints.ts';
import type { Headers, RecordedEntry } from './entry.ts';
import { known } from './json-value.ts';
import { isLimitHeader, MOST_ERROR_TEXT, type Observation } from './observation.ts';
import { keyIn, nameIn, redacted } from './secrets.ts';
import { toldWait } from './told-wait.ts';

/** A request of a recording with nothing secret in it: what goes into an attempt's record, and what joins it to its call. */
export interface Seen extends Trace, Omit<ProviderView, 'bodyHash'> {
  readonly place: string;
  readonly resolutionUs: number;
  readonly outcome: RecordedEntry['outcome'];
  /** Whether it is known what its headers said. */
  readonly hasHeaders: boolean;
  readonly observation: Observation;
}

const NO_HEADERS: Headers = {};
const LONGEST_AGENT = 120;

/**
 * Reads one entry and takes out all that must not be kept: keys, markers and bodies become hashes, cookies and texts are
 * dropped. `hash` is salted anew for each analysis.
 */
export function seenIn(entry: RecordedEntry, hash: (text: string) => string): Seen {
  const { place, startUs, headersUs, endUs, resolutionUs, outcome, status, host, target, requestBody } = entry;
  const asked = entry.requestHeaders ?? NO_HEADERS;
  const answered = entry.responseHeaders ?? NO_HEADERS;
  const request = { ...requestFacts(requestBody, target), ...known(pick(entry, ['stream', 'maxTokens'])) };
  const answer = { ...answerFacts(entry.responseBody), ...known(pick(entry, ANSWER_FIELDS)) };
  const wait =
    outcome === 'response'
      ? toldWait(answered, entry.responseBody ?? entry.errorText, headersUs ?? endUs ?? startUs)
      : undefined;
  const key = entry.key ?? keyIn(asked, target);
  const idempotency = entry.idempotencyKey ?? asked['idempotency-key'];
  const same = requestBody === undefined ? entry.sameAs : `${entry.method ?? ''} ${target ?? ''}\n${requestBody}`;
  const common = known({
    model: nameIn(entry.model) ?? request.model,
    key: key === undefined ? undefined : hash(key),
    errorType: nameIn(answer.errorType),
    errorCode: nameIn(answer.errorCode),
    promptTokens: answer.promptTokens,
    completionTokens: answer.completionTokens,
  });
  const endpoint = entry.endpoint ?? endpointOf(target) ?? 'unknown';
  return {
    place,
    startUs,
    resolutionUs,
    outcome,
    ...known({ headersUs, endUs, host, whole: entry.whole, parentSpan: entry.parentSpan }),
    ...known({ marker: hashed(entry.marker, hash), bodyHash: hashed(same, hash) }),
    endpoint,
    status,
    ...common,
    limits: [],
    ...(wait?.raw !== undefined && { retryAfterRaw: wait.raw, ...known({ retryAfterUs: wait.us }) }),
    ...known({ shouldRetry: flagIn(answered['x-should-retry']) }),
    bodyBytes: entry.requestBytes ?? requestBody?.length ?? 0,
    stream: request.stream === true,
    ...known({
      idempotencyKey: hashed(idempotency, hash),
      retryCount: entry.retryCount ?? countIn(asked['x-stainless-retry-count']),
      userAgent: agentIn(entry.userAgent ?? asked['user-agent']),
    }),
    hasHeaders: entry.requestHeaders !== undefined || idempotency !== undefined,
    observation: {
      atUs: startUs,
      endUs: endUs ?? startUs,
      timed: endUs !== undefined,
      status,
      headers: Object.fromEntries(Object.entries(answered).filter(([name]) => isLimitHeader(name))),
      endpoint,
      ...common,
      ...known({ host, maxTokens: request.maxTokens, toldWaitUs: wait?.us, toldBy: wait?.by }),
      ...((status === 429 || status === 503) &&
        answer.errorText !== undefined && { errorText: redacted(answer.errorText, MOST_ERROR_TEXT) }),
    },
  };
}

/** What is left without its moments, and what joins it to others and is not kept. */
export function sightOf(one: Seen): Omit<ProviderView, 'bodyHash'> {
  const { place, startUs, headersUs, endUs, resolutionUs, outcome, host, bodyHash, ...rest } = one;
  const { marker, parentSpan, whole, hasHeaders, observation, ...sight } = rest;
  return sight;
}

const ANSWER_FIELDS = ['errorType', 'errorCode', 'errorText', 'promptTokens', 'completionTokens'] as const;

function pick<Key extends keyof RecordedEntry>(entry: RecordedEntry, keys: readonly Key[]): Pick<RecordedEntry, Key> {
  return Object.fromEntries(keys.map((key) => [key, entry[key]])) as Pick<RecordedEntry, Key>;
}

function hashed(text: string | undefined, hash: (text: string) => string): string | undefined {
  return text === undefined || text === '' ? undefined : hash(text);
}

function countIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function flagIn(text: string | undefined): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}

function agentIn(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '-' ? undefined : redacted(text, LONGEST_AGENT);
}
