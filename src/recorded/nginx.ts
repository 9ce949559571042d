import { QuotaLabError } from '../../mock-server/error.ts';
import { asInteger, asNumber, omitUndefined } from '../../mock-server/json-value.ts';
import type { Headers, ParsedEntry, RecordedEntry, RecordingReader } from './entry.ts';
import { createLineReader } from './lines.ts';
import { type ParsedTime, parseEpochSeconds, parseIsoTime, parseLogTime } from './parsed-time.ts';

/** nginx's predefined format `combined` (nginx.org/en/docs/http/ngx_http_log_module.html). */
export const COMBINED =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"';

type Variables = ReadonlyMap<string, string>;

/**
 * Reads nginx access logs with the given `log_format`. nginx writes a line when the request ends, so the start is that time
 * minus `$request_time`; without `$request_time` the end is taken as the start. Throws `recording/bad-log-format`.
 */
export function createNginxReader(format: string = COMBINED): RecordingReader {
  const pattern = compileLogFormat(format);
  return createLineReader((line, place) => {
    const variables = matchLine(line, pattern);
    return [variables ? parseEntry(variables, place) : { place, skipReason: 'line does not match the log format' }];
  });
}

/** Whether a line matches this format. */
export function matchesLogFormat(line: string, format: string): boolean {
  return matchLine(line, compileLogFormat(format)) !== undefined;
}

interface LinePattern {
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

function compileLogFormat(format: string): LinePattern {
  const names: string[] = [];
  const pieces = format.split(/(\$\{?\w+\}?)/);
  const parts = pieces.map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    names.push(part.replace(/[${}]/g, ''));
    return valuePatternBefore(pieces[index + 1] ?? '');
  });
  const has = (...variables: readonly string[]): boolean => variables.some((name) => names.includes(name));
  const problems = [
    ...(has('time_local', 'time_iso8601', 'msec')
      ? []
      : [
          {
            path: '--log-format',
            message: 'it has no time',
            hint: 'add $msec (most exact), $time_iso8601 or $time_local',
          },
        ]),
    ...(has('status', 'upstream_status') ? [] : [{ path: '--log-format', message: 'it has no $status' }]),
    ...(has('request', 'request_uri', 'uri')
      ? []
      : [{ path: '--log-format', message: 'it has no $request or $request_uri' }]),
  ];
  if (problems.length > 0)
    throw new QuotaLabError('recording/bad-log-format', 'the log format lacks required variables', { problems });
  return { pattern: new RegExp(`^${parts.join('')}$`), names };
}

/**
 * A value ends at the next literal character, which nginx escapes inside values; only lists of upstreams contain spaces.
 * Therefore a long line that does not match is rejected in a single pass.
 */
function valuePatternBefore(literal: string): string {
  const [next] = literal;
  if (next === undefined) return '(.*)';
  return next === ' ' ? '([^ ]*(?:(?:, | : )[^ ]*)*)' : `([^${next.replace(/[\]\\^-]/g, '\\$&')}]*)`;
}

function matchLine(line: string, { pattern, names }: LinePattern): Variables | undefined {
  const found = pattern.exec(line);
  if (!found) return undefined;
  // nginx writes - for missing values.
  return new Map(
    names.map((name, index) => [name, found[index + 1]!] as const).filter(([, value]) => value !== '-' && value !== ''),
  );
}

function parseEntry(log: Variables, place: string): ParsedEntry {
  const ended = readTime(log);
  if (!ended) return { place, skipReason: 'missing or invalid time' };
  const durationUs = parseSecondsUs(log.get('request_time'));
  const status = asInteger(log.get('status')) ?? lastStatus(log.get('upstream_status'));
  if (status === undefined) return { place, skipReason: 'missing or invalid status' };
  const [method, target] = readRequestLine(log);
  if (target === undefined) return { place, skipReason: 'missing or invalid request line' };
  const headersAfterUs = lastSeconds(log.get('upstream_header_time'));
  const startUs = ended.us - (durationUs ?? 0);
  const headers = requestHeaders(log);
  return {
    place,
    startUs,
    resolutionUs: ended.resolutionUs,
    // nginx's 499: the client closed the connection first.
    outcome: status === 499 ? 'aborted' : 'response',
    status: status === 499 ? 0 : status,
    target,
    responseHeaders: headersWithPrefix(log, ['sent_http_', 'upstream_http_']),
    ...(Object.keys(headers).length > 0 && { requestHeaders: headers }),
    ...omitUndefined({
      method,
      host: log.get('proxy_host') ?? log.get('host') ?? log.get('http_host'),
      endUs: durationUs === undefined ? undefined : ended.us,
      headersUs:
        durationUs === undefined || headersAfterUs === undefined
          ? undefined
          : startUs + Math.min(headersAfterUs, durationUs),
      requestBytes: asInteger(log.get('content_length')) ?? asInteger(log.get('request_length')),
      userAgent: log.get('http_user_agent'),
      requestBody: log.get('request_body'),
    }),
  };
}

function readTime(log: Variables): ParsedTime | undefined {
  return (
    parseEpochSeconds(log.get('msec') ?? '') ??
    parseIsoTime(log.get('time_iso8601') ?? '') ??
    parseLogTime(log.get('time_local') ?? '')
  );
}

function readRequestLine(log: Variables): readonly [method: string | undefined, target: string | undefined] {
  const [, method, target] = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(log.get('request') ?? '') ?? [];
  return [method ?? log.get('request_method'), target ?? log.get('request_uri') ?? log.get('uri')];
}

function parseSecondsUs(text: string | undefined): number | undefined {
  const seconds = asNumber(text);
  return seconds === undefined ? undefined : Math.round(seconds * 1e6);
}

/** With several upstreams (`0.010, 0.200`, `502, 200 : 200`) the last one sent the reply. */
function lastSeconds(text: string | undefined): number | undefined {
  return parseSecondsUs(text?.split(/\s*[,:]\s*/).at(-1));
}

function lastStatus(text: string | undefined): number | undefined {
  return asInteger(text?.split(/\s*[,:]\s*/).at(-1));
}

/** `$http_idempotency_key` is a request header, `$sent_http_retry_after` a reply header. */
function headersWithPrefix(log: Variables, prefixes: readonly string[]): Headers {
  return Object.fromEntries(
    [...log].flatMap(([name, value]) => {
      const prefix = prefixes.find((candidate) => name.startsWith(candidate));
      return prefix === undefined ? [] : [[name.slice(prefix.length).replaceAll('_', '-'), value]];
    }),
  );
}

/** Headers that may identify a call. The combined format has agent and referrer, so these do not count as recorded headers. */
function requestHeaders(log: Variables): NonNullable<RecordedEntry['requestHeaders']> {
  const { referer: _, 'user-agent': _agent, ...rest } = headersWithPrefix(log, ['http_']);
  return rest;
}
