import { type Problem, QuotaLabError } from '../../mock-server/error.ts';

/** What a field of a JSON line may be mapped to, and what is expected there. */
export const FIELDS = {
  at: 'when the request was sent: ISO 8601, or a number with its unit (at=ts:ms)',
  end: 'when its answer had ended, as `at`',
  duration: 'how long it took, with its unit (duration=latency:ms, or a path that ends in _ms)',
  firstByte: 'from the request to the head of the answer, as `duration`',
  status: 'HTTP status; 0, null or absent: no answer came',
  outcome: 'response, reset (the connection broke) or aborted (the client gave up, a timeout)',
  method: 'HTTP method',
  url: 'the whole URL',
  host: 'host name, where there is no URL',
  path: 'path and query, where there is no URL',
  model: 'name of the model',
  endpoint: 'name of the endpoint, e.g. chat.completions',
  key: 'API key, or what stands for it; only a hash is kept',
  call: 'what is the same in all attempts of one call, and in no other call',
  parent: 'id of the span above, if that is the call',
  idempotencyKey: 'Idempotency-Key that was sent',
  retryCount: '0 for a first attempt, 1 for its first retry',
  body: 'body of the request, or a hash of it; only a hash is kept',
  responseBody: "body of the answer: the error's type and code, and tokens, are read from it",
  retryAfter: 'Retry-After as it was sent',
  retryAfterMs: 'retry-after-ms as it was sent',
  requestHeaders: 'an object of headers',
  responseHeaders: 'an object of headers',
  errorType: "the error's type",
  errorCode: "the error's code",
  errorMessage: "the error's message; nothing of it is written anywhere",
  promptTokens: 'tokens of the prompt',
  completionTokens: 'tokens of the answer',
  maxTokens: 'the most tokens that were asked for',
  stream: 'true or false',
  userAgent: 'User-Agent that was sent',
} as const;

export type Field = keyof typeof FIELDS;

export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

export interface Source {
  /** Dotted, e.g. `http.status`. */
  readonly path: string;
  readonly unit?: TimeUnit;
}

export type FieldMap = Readonly<Partial<Record<Field, Source>>>;

const TIMES: readonly Field[] = ['at', 'end', 'duration', 'firstByte'];

/** `at=ts:ms,status=http.status,…`; several texts add up. Throws `recording/bad-map` with every problem. */
export function readFieldMap(texts: readonly string[]): FieldMap {
  const problems: Problem[] = [];
  const map: Partial<Record<Field, Source>> = {};
  for (const part of texts.flatMap((text) => text.split(',')).filter((text) => text.trim() !== '')) {
    const [, name = '', path = '', unit] = /^\s*(\w+)\s*=\s*(.+?)(?::(s|ms|us|ns))?\s*$/.exec(part) ?? [];
    if (name === '') problems.push({ path: '--map', message: `"${part.trim()}" is not field=path` });
    else if (!isField(name))
      problems.push({ path: `--map ${name}`, message: `there is no field ${name}`, hint: allFields() });
    else if (unit !== undefined && !TIMES.includes(name)) {
      problems.push({ path: `--map ${name}`, message: `only ${TIMES.join(', ')} have units` });
    } else map[name] = { path, ...unitOf(unit, path) };
  }
  if (problems.length === 0 && !map.at && !(map.end && map.duration)) {
    const message = 'at is needed, or end and duration: without a start nothing can be judged';
    problems.push({ path: '--map', message, hint: 'at=timestamp, at=ts:ms or at=ts:s' });
  }
  if (problems.length === 0 && !map.status && !map.outcome) {
    problems.push({
      path: '--map',
      message: 'status is needed: it tells refusals from answers',
      hint: 'status=http.status',
    });
  }
  if (problems.length > 0) throw new QuotaLabError('recording/bad-map', 'the field mapping is wrong', { problems });
  return map;
}

export function allFields(): string {
  return `there are ${Object.keys(FIELDS).join(', ')}`;
}

function isField(name: string): name is Field {
  return Object.hasOwn(FIELDS, name);
}

const ENDINGS: readonly (readonly [RegExp, TimeUnit])[] = [
  [/(_ms|Ms|_millis|Millis|_milliseconds|Milliseconds)$/, 'ms'],
  [/(_us|Us|_micros|Micros)$/, 'us'],
  [/(_ns|Ns|_nanos|Nanos|UnixNano)$/, 'ns'],
  [/(_s|_sec|_secs|_seconds|Seconds|Secs)$/, 's'],
];

/** The unit that was written, or the one that the path's own name ends with. */
function unitOf(written: string | undefined, path: string): { unit?: TimeUnit } {
  const unit = (written as TimeUnit | undefined) ?? ENDINGS.find(([ending]) => ending.test(path))?.[1];
  return unit === undefined ? {} : { unit };
}
