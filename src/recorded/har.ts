import type { Headers, Read, RecordedEntry, RecordingReader } from './entry.ts';
import { jsonReader } from './json-stream.ts';
import { known, numberIn, objectIn, textIn, wholeIn } from './json-value.ts';
import { isoMoment } from './moment.ts';

/**
 * HAR 1.2 (w3c.github.io/web-performance/specs/HAR): `log.entries[]`, each a request with its answer and timings in
 * milliseconds. Browsers, mitmproxy, Charles and Playwright write it. An entry is read and forgotten, so that a HAR may be
 * larger than memory.
 */
export function harReader(): RecordingReader {
  return jsonReader(['$.log.entries.*'], 'entry', (value, place) => [entryIn(value, place)]);
}

function entryIn(value: unknown, place: string): Read {
  const entry = objectIn(value);
  const request = objectIn(entry.request);
  const response = objectIn(entry.response);
  const started = isoMoment(textIn(entry.startedDateTime) ?? '');
  const url = urlIn(request.url);
  if (!started) return { place, leftOut: 'no startedDateTime that can be read' };
  if (!url) return { place, leftOut: 'no request URL that can be read' };
  if (entry._fromCache !== undefined) return { place, leftOut: "answered from the browser's cache" };
  const status = wholeIn(response.status) ?? 0;
  const outcome = outcomeOf(
    status,
    `${textIn(response._error) ?? ''} ${textIn(entry._error) ?? ''} ${textIn(response.statusText) ?? ''}`,
  );
  if ('leftOut' in outcome) return { place, ...outcome };
  const content = objectIn(response.content);
  const post = objectIn(request.postData);
  return {
    place,
    startUs: started.us,
    resolutionUs: started.resolutionUs,
    ...timesOf(entry, started.us, status > 0),
    ...outcome,
    status,
    host: url.host,
    target: url.pathname + url.search,
    requestHeaders: headersIn(request.headers),
    responseHeaders: headersIn(response.headers),
    ...known({
      method: textIn(request.method)?.toUpperCase(),
      requestBody: textIn(post.text),
      requestBytes: wholeIn(request.bodySize),
      responseBody: bodyIn(content),
    }),
  };
}

/** `time` is all of it, `receive` the body; what is below zero does not apply, and nothing but zeros was not measured. */
function timesOf(
  entry: Readonly<Record<string, unknown>>,
  startUs: number,
  answered: boolean,
): Pick<RecordedEntry, 'headersUs' | 'endUs'> {
  const timings = objectIn(entry.timings);
  const parts = ['blocked', 'dns', 'connect', 'send', 'wait', 'receive'].map((name) => numberIn(timings[name]) ?? 0);
  const sum = parts.reduce((total, part) => total + part, 0);
  const totalMs = numberIn(entry.time) || sum;
  if (totalMs <= 0) return {};
  const receiveMs = numberIn(timings.receive);
  const hasHead = answered && receiveMs !== undefined && numberIn(timings.wait) !== undefined && receiveMs <= totalMs;
  return {
    endUs: startUs + Math.round(totalMs * 1000),
    ...(hasHead && { headersUs: startUs + Math.round((totalMs - receiveMs) * 1000) }),
  };
}

/** Status 0 is no answer; what the browser calls its error says why. */
function outcomeOf(status: number, error: string): Pick<RecordedEntry, 'outcome'> | { readonly leftOut: string } {
  const gone = /abort|cancel|timed?[_ ]?out/i.test(error);
  const broken = /reset|refused|closed|empty_response|socket hang up|incomplete_chunked|http2_protocol/i.test(error);
  if (status > 0) return { outcome: broken ? 'reset' : gone ? 'aborted' : 'response' };
  if (gone) return { outcome: 'aborted' };
  if (broken) return { outcome: 'reset' };
  return { leftOut: 'no answer, and nothing tells why' };
}

function urlIn(value: unknown): URL | undefined {
  return typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
}

/** `[{ name, value }]`; one that is sent twice is joined as HTTP does. */
export function headersIn(list: unknown): Headers {
  const headers: Record<string, string> = {};
  for (const item of Array.isArray(list) ? list : []) {
    const { name, value } = objectIn(item);
    if (typeof name !== 'string' || typeof value !== 'string') continue;
    const lower = name.toLowerCase();
    headers[lower] = headers[lower] === undefined ? value : `${headers[lower]}, ${value}`;
  }
  return headers;
}

function bodyIn({ text, encoding }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  if (encoding !== 'base64') return text;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
