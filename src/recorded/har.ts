import { asInteger, asNumber, asObject, asText, omitUndefined } from '../../mock-server/json-value.ts';
import type { Headers, ParsedEntry, RecordedEntry, RecordingReader } from './entry.ts';
import { createJsonReader } from './json-stream.ts';
import { parseIsoTime } from './parsed-time.ts';

/**
 * Reads HAR 1.2 (w3c.github.io/web-performance/specs/HAR): `log.entries[]`, each a request with its reply and timings in
 * milliseconds, as browsers, mitmproxy, Charles and Playwright write it. Entries are not kept, so a HAR may be larger than
 * memory.
 */
export function createHarReader(): RecordingReader {
  return createJsonReader(['$.log.entries.*'], 'entry', (value, place) => [parseEntry(value, place)]);
}

function parseEntry(value: unknown, place: string): ParsedEntry {
  const entry = asObject(value);
  const request = asObject(entry.request);
  const response = asObject(entry.response);
  const started = parseIsoTime(asText(entry.startedDateTime) ?? '');
  const url = parseUrl(request.url);
  if (!started) return { place, skipReason: 'missing or invalid startedDateTime' };
  if (!url) return { place, skipReason: 'missing or invalid request URL' };
  if (entry._fromCache !== undefined) return { place, skipReason: "served from the browser's cache" };
  const status = asInteger(response.status) ?? 0;
  const outcome = parseOutcome(
    status,
    `${asText(response._error) ?? ''} ${asText(entry._error) ?? ''} ${asText(response.statusText) ?? ''}`,
  );
  if ('skipReason' in outcome) return { place, ...outcome };
  const content = asObject(response.content);
  const post = asObject(request.postData);
  return {
    place,
    startUs: started.us,
    resolutionUs: started.resolutionUs,
    ...parseTimings(entry, started.us, status > 0),
    ...outcome,
    status,
    host: url.host,
    target: url.pathname + url.search,
    requestHeaders: parseHeaders(request.headers),
    responseHeaders: parseHeaders(response.headers),
    ...omitUndefined({
      method: asText(request.method)?.toUpperCase(),
      requestBody: asText(post.text),
      requestBytes: asInteger(request.bodySize),
      responseBody: decodeBody(content),
      responseBytes: asInteger(content.size) || undefined,
    }),
  };
}

/** `time` is the total, `receive` the body. Negative values mean not applicable; all values 0 means not measured. */
function parseTimings(
  entry: Readonly<Record<string, unknown>>,
  startUs: number,
  hasReply: boolean,
): Pick<RecordedEntry, 'headersUs' | 'endUs'> {
  const timings = asObject(entry.timings);
  const parts = ['blocked', 'dns', 'connect', 'send', 'wait', 'receive'].map((name) => asNumber(timings[name]) ?? 0);
  const sum = parts.reduce((total, part) => total + part, 0);
  const totalMs = asNumber(entry.time) || sum;
  if (totalMs <= 0) return {};
  const receiveMs = asNumber(timings.receive);
  const hasHead = hasReply && receiveMs !== undefined && asNumber(timings.wait) !== undefined && receiveMs <= totalMs;
  return {
    endUs: startUs + Math.round(totalMs * 1000),
    ...(hasHead && { headersUs: startUs + Math.round((totalMs - receiveMs) * 1000) }),
  };
}

/** Status 0 means no reply; the browser's error text then shows why. */
function parseOutcome(status: number, error: string): Pick<RecordedEntry, 'outcome'> | { readonly skipReason: string } {
  const isAborted = /abort|cancel|timed?[_ ]?out/i.test(error);
  const isReset = /reset|refused|closed|empty_response|socket hang up|incomplete_chunked|http2_protocol/i.test(error);
  if (status > 0) return { outcome: isReset ? 'reset' : isAborted ? 'aborted' : 'response' };
  if (isAborted) return { outcome: 'aborted' };
  if (isReset) return { outcome: 'reset' };
  return { skipReason: 'no reply and no known error' };
}

function parseUrl(value: unknown): URL | undefined {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
}

/** Parses `[{ name, value }]`; repeated headers are joined with commas, as in HTTP. */
export function parseHeaders(list: unknown): Headers {
  const headers: Record<string, string> = {};
  for (const item of Array.isArray(list) ? list : []) {
    const { name, value } = asObject(item);
    if (typeof name !== 'string' || typeof value !== 'string') continue;
    const lower = name.toLowerCase();
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]}, ${value}`;
  }
  return headers;
}

function decodeBody({ text, encoding }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  if (encoding !== 'base64') return text;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
