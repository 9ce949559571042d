import { isObject } from '../../mock-server/dialects/body.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { parseDuration } from '../scenario/quantity.ts';
import type { Headers, Read, RecordedEntry, RecordingReader } from './entry.ts';
import { allFields, type Field, type FieldMap, type TimeUnit } from './field-map.ts';
import { at, known, numberIn, textIn, wholeIn } from './json-value.ts';
import { jsonOf, lineReader } from './lines.ts';
import { isoMoment, type Moment } from './moment.ts';

/** Any log of one JSON object a line; the map says what stands where. Throws `recording/no-map` without one. */
export function jsonLinesReader(map: FieldMap | undefined): RecordingReader {
  return lineReader((line, place) => {
    const value = jsonOf(line);
    if (!isObject(value)) return [{ place, leftOut: 'no JSON object' }];
    if (!map) throw noMap(Object.keys(value));
    return [entryIn(value, place, map)];
  });
}

function noMap(keys: readonly string[]): QuotaLabError {
  const problems = [
    { path: '--map', message: `its first line has the fields ${keys.slice(0, 30).join(', ')}`, hint: allFields() },
  ];
  return new QuotaLabError('recording/no-map', 'JSON lines need --map field=path,… to say what stands where', {
    problems,
  });
}

const UNIT_US: Readonly<Record<TimeUnit, number>> = { s: 1e6, ms: 1000, us: 1, ns: 0.001 };

function entryIn(value: object, place: string, map: FieldMap): Read {
  const get = (field: Field): unknown => (map[field] ? at(value, map[field].path) : undefined);
  const duration = spanOf(get('duration'), map.duration?.unit);
  const end = momentOf(get('end'), map.end?.unit);
  const start =
    momentOf(get('at'), map.at?.unit) ?? (end && duration !== undefined ? before(end, duration) : undefined);
  if (!start) return { place, leftOut: 'no moment at which it was sent that can be read' };
  const url = urlOf(textIn(get('url')));
  const status = wholeIn(get('status')) ?? 0;
  const outcome = outcomeOf(textIn(get('outcome')), status);
  if (!outcome) return { place, leftOut: 'no status and no outcome' };
  const firstByte = spanOf(get('firstByte'), map.firstByte?.unit);
  const endUs = end?.us ?? (duration === undefined ? undefined : start.us + duration);
  const answered = { ...headersOf(get('responseHeaders')), ...waitHeaders(get('retryAfter'), get('retryAfterMs')) };
  return {
    place,
    startUs: start.us,
    resolutionUs: start.resolutionUs,
    outcome,
    status,
    responseHeaders: answered,
    ...known({
      headersUs: firstByte === undefined ? undefined : start.us + firstByte,
      endUs: endUs === undefined || endUs < start.us ? undefined : endUs,
      method: textIn(get('method'))?.toUpperCase(),
      host: url?.host ?? textIn(get('host')),
      target: url ? url.pathname + url.search : textIn(get('path')),
      requestHeaders: map.requestHeaders ? headersOf(get('requestHeaders')) : undefined,
      requestBody: bodyOf(get('body')),
      responseBody: bodyOf(get('responseBody')),
      ...factsIn(get),
    }),
  };
}

function factsIn(get: (field: Field) => unknown): Partial<RecordedEntry> {
  const stream = get('stream');
  return {
    ...known({
      model: textIn(get('model')),
      endpoint: textIn(get('endpoint')),
      key: textIn(get('key')),
      marker: idOf(get('call')),
      parentSpan: idOf(get('parent')),
      idempotencyKey: idOf(get('idempotencyKey')),
      retryCount: wholeIn(get('retryCount')),
      errorType: textIn(get('errorType')),
      errorCode: idOf(get('errorCode')),
      errorText: textIn(get('errorMessage')),
      promptTokens: wholeIn(get('promptTokens')),
      completionTokens: wholeIn(get('completionTokens')),
      maxTokens: wholeIn(get('maxTokens')),
      stream: typeof stream === 'boolean' ? stream : undefined,
      userAgent: textIn(get('userAgent')),
    }),
  };
}

function momentOf(value: unknown, unit: TimeUnit | undefined): Moment | undefined {
  if (unit === undefined) return typeof value === 'string' ? isoMoment(value) : undefined;
  const number = numberIn(value);
  if (number === undefined) return undefined;
  const scale = UNIT_US[unit];
  const decimals = /\.(\d+)/.exec(String(value))?.[1]?.length ?? 0;
  return { us: Math.round(number * scale), resolutionUs: Math.max(1, Math.round(scale / 10 ** decimals)) };
}

function before({ us, resolutionUs }: Moment, durationUs: number): Moment {
  return { us: us - durationUs, resolutionUs };
}

/** With a unit, a number; without one, a text that names its own. */
function spanOf(value: unknown, unit: TimeUnit | undefined): number | undefined {
  if (typeof value === 'string' && /[a-z]/.test(value)) {
    const read = parseDuration(value);
    return 'value' in read ? read.value : undefined;
  }
  const number = numberIn(value);
  return unit === undefined || number === undefined ? undefined : Math.round(number * UNIT_US[unit]);
}

function outcomeOf(told: string | undefined, status: number): RecordedEntry['outcome'] | undefined {
  if (told === 'response' || told === 'reset' || told === 'aborted') return told;
  if (told !== undefined && /time.?out|cancel|abort/i.test(told)) return 'aborted';
  return status > 0 ? 'response' : undefined;
}

function waitHeaders(seconds: unknown, ms: unknown): Headers {
  return known({ 'retry-after': idOf(seconds), 'retry-after-ms': idOf(ms) }) as Headers;
}

function headersOf(value: unknown): Headers {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, text]) => {
      const one = Array.isArray(text) ? text.join(', ') : text;
      return typeof one === 'string' || typeof one === 'number' ? [[name.toLowerCase(), String(one)]] : [];
    }),
  );
}

function bodyOf(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'number' ? String(value) : textIn(value);
}

function urlOf(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
