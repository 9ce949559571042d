import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';
import { omitUndefined } from '../../../mock-server/json-value.ts';
import { CALL_TAG_HEADER, JOB_HEADER } from '../../../mock-server/provider-view.ts';
import { utf8Length } from '../../../mock-server/utf8-length.ts';
import type { Attempt, Run } from '../../analysis/run/run-view.ts';
import { isoTime } from '../iso-time.ts';
import { requestUrl } from '../request-path.ts';
import { standInReply } from './reply-body.ts';

/** The names that Chromium gives to what ended a request without a whole reply, by outcome. */
const NET_ERRORS = { response: undefined, reset: 'net::ERR_CONNECTION_RESET', aborted: 'net::ERR_ABORTED' } as const;

/**
 * Returns an attempt as an entry of a HAR (w3c.github.io/web-performance/specs/HAR, 2012). Times are in milliseconds with three
 * decimals. What is QuotaLab's own is under `_quotalab`.
 */
export function harEntry(run: Pick<Run, 'header'>, attempt: Attempt): object {
  const { startUs, endUs, call, number, replica, provider, deniedBy, fault } = attempt;
  return {
    startedDateTime: isoTime(run.header.generated.startedUs + startUs),
    time: (endUs - startUs) / 1000,
    request: harRequest(run, attempt),
    response: harResponse(attempt),
    cache: {},
    timings: harTimings(attempt),
    _resourceType: 'fetch',
    _quotalab: omitUndefined({
      attempt: attempt.id,
      call: call ?? undefined,
      number,
      replica,
      provider,
      deniedBy,
      fault,
    }),
  };
}

/** `wait` ends with the head of the reply; a reply without a head was waited for until the end. */
function harTimings({ startUs, headersUs, endUs }: Attempt): object {
  const headUs = headersUs ?? endUs;
  const unknown = { blocked: -1, dns: -1, connect: -1, ssl: -1 };
  return { ...unknown, send: 0, wait: (headUs - startUs) / 1000, receive: (endUs - headUs) / 1000 };
}

function harRequest(run: Pick<Run, 'header'>, attempt: Attempt): object {
  const { provider, call } = run.header.scenario;
  const { model = call.model, stream, bodyHash, bodyBytes } = attempt;
  return {
    method: 'POST',
    url: requestUrl(run, attempt),
    httpVersion: 'HTTP/1.1',
    cookies: [],
    headers: harHeaders(requestHeaders(provider.dialect, attempt)),
    queryString: [],
    // In place of the body: what is known of it, and its hash, so that a body that was sent again is the same.
    postData: { mimeType: 'application/json', text: JSON.stringify({ model, stream, hash: bodyHash }) },
    headersSize: -1,
    bodySize: bodyBytes,
  };
}

/** Key and idempotency key are the hashes of the journal: which requests share them can be seen, not what they were. */
function requestHeaders(
  dialect: keyof typeof DIALECTS,
  { key, idempotencyKey, retryCount, userAgent, call, job }: Attempt,
): Readonly<Record<string, string | undefined>> {
  return {
    'content-type': 'application/json',
    [DIALECTS[dialect].reader.keyHeaders[0] ?? 'authorization']: key,
    'idempotency-key': idempotencyKey,
    'x-stainless-retry-count': retryCount?.toString(),
    'user-agent': userAgent,
    [CALL_TAG_HEADER]: call?.toString(),
    [JOB_HEADER]: job,
  };
}

function harResponse(attempt: Attempt): object {
  const { status, outcome, headersUs, retryAfterRaw, retryAfterSource, shouldRetry } = attempt;
  const error = outcome === 'open' ? NET_ERRORS.aborted : NET_ERRORS[outcome];
  const frame = { httpVersion: 'HTTP/1.1', cookies: [], redirectURL: '', headersSize: -1, bodySize: -1 };
  // Without a head, nothing of the reply reached the client, whatever the provider meant to send.
  if (headersUs === undefined && outcome !== 'response') {
    const content = { size: 0, mimeType: 'x-unknown' };
    return { ...frame, status: 0, statusText: '', headers: [], content, ...(error && { _error: error }) };
  }
  const { mimeType, text } = standInReply(attempt);
  const inHeader = retryAfterRaw !== undefined && retryAfterSource !== 'retry-info';
  return {
    ...frame,
    status,
    statusText: '',
    headers: harHeaders({
      'content-type': mimeType,
      ...(inHeader && { [retryAfterSource ?? 'retry-after']: retryAfterRaw }),
      'x-should-retry': shouldRetry?.toString(),
    }),
    content: { size: utf8Length(text), mimeType, text },
    ...(error && { _error: error }),
  };
}

function harHeaders(headers: Readonly<Record<string, string | undefined>>): object[] {
  return Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
