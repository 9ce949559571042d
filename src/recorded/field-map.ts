import { type Problem, QuotaLabError } from '../../mock-server/error.ts';

/** The fields of a request that JSON lines can be mapped to, with their expected values. */
export const FIELDS = {
  at: 'when the request was sent: ISO 8601, or a number with its unit (at=ts:ms)',
  end: 'when its reply ended, as `at`',
  duration: 'how long it took, with its unit (duration=latency:ms, or a path that ends in _ms)',
  firstByte: 'from the request to the head of the reply, as `duration`',
  status: 'HTTP status; 0, null or absent: no reply',
  outcome: 'response, reset (the connection broke) or aborted (the client gave up, a timeout)',
  method: 'HTTP method',
  url: 'full URL',
  host: 'host name, if url is not mapped',
  path: 'path and query, if url is not mapped',
  model: 'name of the model',
  endpoint: 'name of the endpoint, e.g. chat.completions',
  key: 'API key or an id for it; only a hash is kept',
  call: 'id that all attempts of one call share, and no other call has',
  parent: 'id of the parent span, if that is the call',
  idempotencyKey: 'Idempotency-Key of the request',
  retryCount: '0 for a first attempt, 1 for its first retry',
  body: 'request body or a hash of it; only a hash is kept',
  responseBody:
    "reply body: the error's type and code and the tokens are read from it, and whether a reply with status 200 is an error, has an error event, or was cut (cuts only if its size is known)",
  retryAfter: 'Retry-After of the reply',
  retryAfterMs: 'retry-after-ms of the reply',
  requestHeaders: 'an object of headers',
  responseHeaders: 'an object of headers',
  errorType: "the error's type",
  errorCode: "the error's code",
  errorMessage: "the error's message; never written to a file",
  promptTokens: 'tokens of the prompt',
  completionTokens: 'tokens of the reply',
  maxTokens: 'maximum tokens that the request asked for',
  stream: 'true or false',
  userAgent: 'User-Agent of the request',
} as const;

export type Field = keyof typeof FIELDS;

export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

export interface FieldSource {
  /** Dotted path, e.g. `http.status`. */
  readonly path: string;
  readonly unit?: TimeUnit;
}

export type FieldMap = Readonly<Partial<Record<Field, FieldSource>>>;

const TIME_FIELDS: readonly Field[] = ['at', 'end', 'duration', 'firstByte'];

/** Parses `at=ts:ms,status=http.status,…`; later texts add fields. Throws `recording/bad-map` with every problem. */
export function parseFieldMap(texts: readonly string[]): FieldMap {
  const problems: Problem[] = [];
  const map: Partial<Record<Field, FieldSource>> = {};
  for (const part of texts.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '')) {
    const [, name = '', path = '', unit] = /^\s*(\w+)\s*=\s*(.+?)(?::(s|ms|us|ns))?\s*$/.exec(part) ?? [];
    if (name === '') problems.push({ path: '--map', message: `"${part.trim()}" is not field=path` });
    else if (!isField(name))
      problems.push({ path: `--map ${name}`, message: `unknown field ${name}`, hint: listFields() });
    else if (unit !== undefined && !TIME_FIELDS.includes(name)) {
      problems.push({ path: `--map ${name}`, message: `only ${TIME_FIELDS.join(', ')} take a unit` });
    } else map[name] = { path, ...unitOf(unit, path) };
  }
  if (problems.length === 0 && !map.at && !(map.end && map.duration)) {
    const message = 'at is required (or end and duration): the start of each request';
    problems.push({ path: '--map', message, hint: 'at=timestamp, at=ts:ms or at=ts:s' });
  }
  if (problems.length === 0 && !map.status && !map.outcome) {
    problems.push({
      path: '--map',
      message: 'status is required: it shows which requests were refused',
      hint: 'status=http.status',
    });
  }
  if (problems.length > 0) throw new QuotaLabError('recording/bad-map', 'invalid field map', { problems });
  return map;
}

export function listFields(): string {
  return `fields: ${Object.keys(FIELDS).join(', ')}`;
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}

const UNIT_SUFFIXES: readonly (readonly [RegExp, TimeUnit])[] = [
  [/(_ms|Ms|_millis|Millis|_milliseconds|Milliseconds)$/, 'ms'],
  [/(_us|Us|_micros|Micros)$/, 'us'],
  [/(_ns|Ns|_nanos|Nanos|UnixNano)$/, 'ns'],
  [/(_s|_sec|_secs|_seconds|Seconds|Secs)$/, 's'],
];

/** Returns the explicit unit, or the one that the path ends with (`took_ms`). */
function unitOf(explicit: string | undefined, path: string): { unit?: TimeUnit } {
  const unit = (explicit as TimeUnit | undefined) ?? UNIT_SUFFIXES.find(([suffix]) => suffix.test(path))?.[1];
  return unit === undefined ? {} : { unit };
}
