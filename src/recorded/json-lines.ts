import { isObject } from '../../mock-server/dialects/body.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { asInteger, asNumber, asText, omitUndefined, tryParseJson } from '../../mock-server/json-value.ts';
import { parseDuration } from '../../mock-server/quantity.ts';
import type { Headers, ParsedEntry, RecordedEntry, RecordingReader } from './entry.ts';
import { type Field, type FieldMap, listFields, type TimeUnit } from './field-map.ts';
import { getPath } from './get-path.ts';
import { createLineReader } from './lines.ts';
import { type ParsedTime, parseIsoTime } from './parsed-time.ts';

/** Reads logs with one JSON object per line; the map assigns their paths to fields. Throws `recording/no-map` without a map. */
export function createJsonLinesReader(map: FieldMap | undefined): RecordingReader {
  return createLineReader((line, place) => {
    const value = tryParseJson(line);
    if (!isObject(value)) return [{ place, skipReason: 'not a JSON object' }];
    if (!map) throw missingMapError(Object.keys(value));
    return [parseEntry(value, place, map)];
  });
}

function missingMapError(keys: readonly string[]): QuotaLabError {
  const problems = [
    { path: '--map', message: `fields in the first line: ${keys.slice(0, 30).join(', ')}`, hint: listFields() },
  ];
  return new QuotaLabError('recording/no-map', 'JSON lines need --map field=path,…', {
    problems,
  });
}

const UNIT_US: Readonly<Record<TimeUnit, number>> = { s: 1e6, ms: 1000, us: 1, ns: 0.001 };

function parseEntry(value: object, place: string, map: FieldMap): ParsedEntry {
  const get = (field: Field): unknown => (map[field] ? getPath(value, map[field].path) : undefined);
  const duration = parseDurationUs(get('duration'), map.duration?.unit);
  const end = parseTime(get('end'), map.end?.unit);
  const start =
    parseTime(get('at'), map.at?.unit) ?? (end && duration !== undefined ? subtractDuration(end, duration) : undefined);
  if (!start) return { place, skipReason: 'missing or invalid start time' };
  const url = parseUrl(asText(get('url')));
  const status = asInteger(get('status')) ?? 0;
  const outcome = parseOutcome(asText(get('outcome')), status);
  if (!outcome) return { place, skipReason: 'no status and no outcome' };
  const firstByte = parseDurationUs(get('firstByte'), map.firstByte?.unit);
  const endUs = end?.us ?? (duration === undefined ? undefined : start.us + duration);
  const responseHeaders = {
    ...parseHeaders(get('responseHeaders')),
    ...waitHeaders(get('retryAfter'), get('retryAfterMs')),
  };
  return {
    place,
    startUs: start.us,
    resolutionUs: start.resolutionUs,
    outcome,
    status,
    responseHeaders,
    ...omitUndefined({
      headersUs: firstByte === undefined ? undefined : start.us + firstByte,
      endUs: endUs === undefined || endUs < start.us ? undefined : endUs,
      method: asText(get('method'))?.toUpperCase(),
      host: url?.host ?? asText(get('host')),
      target: url ? url.pathname + url.search : asText(get('path')),
      requestHeaders: map.requestHeaders ? parseHeaders(get('requestHeaders')) : undefined,
      requestBody: asBody(get('body')),
      responseBody: asBody(get('responseBody')),
      ...readFacts(get),
    }),
  };
}

function readFacts(get: (field: Field) => unknown): Partial<RecordedEntry> {
  const stream = get('stream');
  return {
    ...omitUndefined({
      model: asText(get('model')),
      endpoint: asText(get('endpoint')),
      key: asText(get('key')),
      marker: asId(get('call')),
      parentSpan: asId(get('parent')),
      idempotencyKey: asId(get('idempotencyKey')),
      retryCount: asInteger(get('retryCount')),
      errorType: asText(get('errorType')),
      errorCode: asId(get('errorCode')),
      errorText: asText(get('errorMessage')),
      promptTokens: asInteger(get('promptTokens')),
      completionTokens: asInteger(get('completionTokens')),
      maxTokens: asInteger(get('maxTokens')),
      stream: typeof stream === 'boolean' ? stream : undefined,
      userAgent: asText(get('userAgent')),
    }),
  };
}

function parseTime(value: unknown, unit: TimeUnit | undefined): ParsedTime | undefined {
  if (unit === undefined) return typeof value === 'string' ? parseIsoTime(value) : undefined;
  const number = asNumber(value);
  if (number === undefined) return undefined;
  const scale = UNIT_US[unit];
  const decimals = /\.(\d+)/.exec(String(value))?.[1]?.length ?? 0;
  return { us: Math.round(number * scale), resolutionUs: Math.max(1, Math.round(scale / 10 ** decimals)) };
}

function subtractDuration({ us, resolutionUs }: ParsedTime, durationUs: number): ParsedTime {
  return { us: us - durationUs, resolutionUs };
}

/** Parses a number in the given unit, or a text with its own unit (`1.5s`). */
function parseDurationUs(value: unknown, unit: TimeUnit | undefined): number | undefined {
  if (typeof value === 'string' && /[a-z]/.test(value)) {
    const parsed = parseDuration(value);
    return 'value' in parsed ? parsed.value : undefined;
  }
  const number = asNumber(value);
  return unit === undefined || number === undefined ? undefined : Math.round(number * UNIT_US[unit]);
}

function parseOutcome(outcome: string | undefined, status: number): RecordedEntry['outcome'] | undefined {
  if (outcome === 'response' || outcome === 'reset' || outcome === 'aborted') return outcome;
  if (outcome !== undefined && /time.?out|cancel|abort/i.test(outcome)) return 'aborted';
  return status > 0 ? 'response' : undefined;
}

function waitHeaders(seconds: unknown, ms: unknown): Headers {
  return omitUndefined({ 'retry-after': asId(seconds), 'retry-after-ms': asId(ms) }) as Headers;
}

function parseHeaders(value: unknown): Headers {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => {
      const joined = Array.isArray(text) ? text.join(', ') : text;
      return typeof joined === 'string' || typeof joined === 'number' ? [[name.toLowerCase(), String(joined)]] : [];
    }),
  );
}

function asBody(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function asId(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : asText(value);
}

function parseUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
