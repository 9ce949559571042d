import { QuotaLabError } from '../../mock-server/error.ts';
import type { Headers, Read, RecordedEntry, RecordingReader } from './entry.ts';
import { known, numberIn, wholeIn } from './json-value.ts';
import { lineReader } from './lines.ts';
import { isoMoment, logMoment, type Moment, secondsMoment } from './moment.ts';

/** nginx's own format of that name (nginx.org/en/docs/http/ngx_http_log_module.html). */
export const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

type Variables = ReadonlyMap<string, string>;

/**
 * nginx access logs, in the format that `log_format` gives them. A line is written when its request ends, so the start is
 * that moment less `$request_time`; without that, the end is all there is, and stands for the start of what took no time.
 * Throws `recording/bad-log-format`.
 */
export function nginxReader(format: string = COMBINED): RecordingReader {
  const form = formOf(format);
  return lineReader((line, place) => {
    const variables = match(line, form);
    return [variables ? entryIn(variables, place) : { place, leftOut: 'a line of another shape' }];
  });
}

/** Whether a line is of this format. */
export function readsAs(line: string, format: string): boolean {
  return match(line, formOf(format)) !== undefined;
}

interface Form {
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

function formOf(format: string): Form {
  const names: string[] = [];
  const pieces = format.split(/(\$\{?\w+\}?)/);
  const parts = pieces.map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(part.replace(/[${}]/g, ''));
    return valueUntil(pieces[index + 1] ?? '');
  });
  const has = (...any: readonly string[]): boolean => any.some((name) => names.includes(name));
  const problems = [
    ...(has('time_local', 'time_iso8601', 'msec')
      ? []
      : [
          {
            path: '--log-format',
            message: 'it has no time',
            hint: '$msec is the most exact; $time_iso8601 and $time_local are read too',
          },
        ]),
    ...(has('status', 'upstream_status') ? [] : [{ path: '--log-format', message: 'it has no $status' }]),
    ...(has('request', 'request_uri', 'uri')
      ? []
      : [{ path: '--log-format', message: 'it has no $request or $request_uri' }]),
  ];
  if (problems.length > 0)
    throw new QuotaLabError('recording/bad-log-format', 'this log format tells too little', { problems });
  return { pattern: new RegExp(`^${parts.join('')}$`), names };
}

/**
 * A value goes up to the character that follows it, which nginx escapes inside; only lists of upstreams have spaces before
 * one. So a line of another shape is known for one after a single pass, however long it is.
 */
function valueUntil(literal: string): string {
  const [next] = literal;
  if (next === undefined) return '(.*)';
  return next === ' ' ? '([^ ]*(?:(?:, | : )[^ ]*)*)' : `([^${next.replace(/[\]\\^-]/g, '\\$&')}]*)`;
}

function match(line: string, { pattern, names }: Form): Variables | undefined {
  const found = pattern.exec(line);
  if (!found) return undefined;
  // nginx writes - for what is not there.
  return new Map(
    names.map((name, index) => [name, found[index + 1]!] as const).filter(([, value]) => value !== '-' && value !== ''),
  );
}

function entryIn(log: Variables, place: string): Read {
  const ended = momentIn(log);
  if (!ended) return { place, leftOut: 'no time that can be read' };
  const tookUs = secondsUs(log.get('request_time'));
  const status = wholeIn(log.get('status')) ?? lastStatus(log.get('upstream_status'));
  if (status === undefined) return { place, leftOut: 'no status that can be read' };
  const [method, target] = requestIn(log);
  if (target === undefined) return { place, leftOut: 'no request line that can be read' };
  const headersAfterUs = lastSeconds(log.get('upstream_header_time'));
  const startUs = ended.us - (tookUs ?? 0);
  const headers = requestHeaders(log);
  return {
    place,
    startUs,
    resolutionUs: ended.resolutionUs,
    // 499 is nginx's own: the client went away first.
    outcome: status === 499 ? 'aborted' : 'response',
    status: status === 499 ? 0 : status,
    target,
    responseHeaders: prefixed(log, ['sent_http_', 'upstream_http_']),
    ...(Object.keys(headers).length > 0 && { requestHeaders: headers }),
    ...known({
      method,
      host: log.get('proxy_host') ?? log.get('host') ?? log.get('http_host'),
      endUs: tookUs === undefined ? undefined : ended.us,
      headersUs:
        tookUs === undefined || headersAfterUs === undefined ? undefined : startUs + Math.min(headersAfterUs, tookUs),
      requestBytes: wholeIn(log.get('content_length')) ?? wholeIn(log.get('request_length')),
      userAgent: log.get('http_user_agent'),
      requestBody: log.get('request_body'),
    }),
  };
}

function momentIn(log: Variables): Moment | undefined {
  return (
    secondsMoment(log.get('msec') ?? '') ??
    isoMoment(log.get('time_iso8601') ?? '') ??
    logMoment(log.get('time_local') ?? '')
  );
}

function requestIn(log: Variables): readonly [string?, string?] {
  const [, method, target] = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(log.get('request') ?? '') ?? [];
  return [method ?? log.get('request_method'), target ?? log.get('request_uri') ?? log.get('uri')];
}

function secondsUs(text: string | undefined): number | undefined {
  const seconds = numberIn(text);
  return seconds === undefined ? undefined : Math.round(seconds * 1e6);
}

/** Of several upstreams (`0.010, 0.200`, `502, 200 : 200`) the last one answered. */
function lastSeconds(text: string | undefined): number | undefined {
  return secondsUs(text?.split(/\s*[,:]\s*/).at(-1));
}

function lastStatus(text: string | undefined): number | undefined {
  return wholeIn(text?.split(/\s*[,:]\s*/).at(-1));
}

/** `$http_idempotency_key` is a header that came, `$sent_http_retry_after` one that went. */
function prefixed(log: Variables, prefixes: readonly string[]): Headers {
  return Object.fromEntries(
    [...log].flatMap(([name, value]) => {
      const prefix = prefixes.find((one) => name.startsWith(one));
      return prefix === undefined ? [] : [[name.slice(prefix.length).replaceAll('_', '-'), value]];
    }),
  );
}

/** Headers by which a request can be told from others; that a log has the agent and the referrer says nothing of the rest. */
function requestHeaders(log: Variables): NonNullable<RecordedEntry['requestHeaders']> {
  const { referer: _, 'user-agent': _agent, ...rest } = prefixed(log, ['http_']);
  return rest;
}
