import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import type { AttemptRecord, CallRecord } from '../../../src/journal/call-records.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { createRecordingParser, type Recording, type RecordingOptions } from '../../../src/recorded/recording.ts';

export const START = Date.parse('2026-11-25T10:00:00.000Z');

type Options = Partial<RecordingOptions> & { readonly piece?: number };

/** Reads a text as `quotalab analyze` does, in pieces of `piece` characters. */
export function read(text: string, { piece = 64 * 1024, ...options }: Options = {}): Recording {
  const parser = createRecordingParser({
    tool: 'quotalab test',
    file: 'traffic',
    hosts: [],
    hash: (secret) => createHash('sha256').update(`salt ${secret}`).digest('hex').slice(0, 16),
    ...options,
  });
  for (let at = 0; at < text.length; at += piece) parser.push(text.slice(at, at + piece));
  return parser.end();
}

export function sample(name: string): string {
  return readFileSync(new URL(`./samples/${name}`, import.meta.url), 'utf8');
}

const named = (headers: Record<string, string>): object[] =>
  Object.entries(headers).map(([name, value]) => ({ name, value }));

/** An entry of a HAR. Times are milliseconds since `START`. */
export function harEntry(
  startMs: number,
  endMs: number | undefined,
  status: number,
  {
    request = {},
    response = {},
    body = '{}',
    answer = '',
    url = 'https://api.openai.com/v1/chat/completions',
    rest = {},
  }: {
    readonly request?: Record<string, string>;
    readonly response?: Record<string, string>;
    readonly body?: string;
    readonly answer?: string;
    readonly url?: string;
    readonly rest?: object;
  } = {},
): object {
  const time = endMs === undefined ? undefined : endMs - startMs;
  return {
    startedDateTime: new Date(START + startMs).toISOString(),
    ...(time !== undefined && {
      time,
      timings: { blocked: -1, dns: -1, connect: -1, send: 0, wait: time, receive: 0 },
    }),
    request: {
      method: 'POST',
      url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: named(request),
      queryString: [],
      headersSize: -1,
      bodySize: body.length,
      postData: { mimeType: 'application/json', text: body },
    },
    response: {
      status,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: named(response),
      content: { size: answer.length, mimeType: 'application/json', text: answer },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    ...rest,
  };
}

export function har(entries: readonly object[]): string {
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'test', version: '1' }, entries } });
}

/**
 * Builds a HAR from lines such as `0-20 429 ra=2 rc=0 body=a key=k idem=i group=g should=false`, in milliseconds. `0 200` has
 * no timings, `0-20 reset` and `0-20 timeout` have no reply.
 */
export function harStrip(text: string): string {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  return har(
    lines.map((line) => {
      const [, from, to, how, rest = ''] = /^(\d+)(?:-(\d+))? (\w+)(.*)$/.exec(line) ?? [];
      if (from === undefined) throw new Error(`invalid attempt: ${line}`);
      const marks = Object.fromEntries(
        rest
          .trim()
          .split(/\s+/)
          .filter(Boolean)
          .map((mark) => mark.split('=') as [string, string]),
      );
      const error = { reset: 'net::ERR_CONNECTION_RESET', timeout: 'net::ERR_TIMED_OUT' }[how!];
      return harEntry(Number(from), to === undefined ? undefined : Number(to), error ? 0 : Number(how), {
        body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: marks.body ?? 'same' }] }),
        request: {
          authorization: `Bearer ${marks.key ?? 'sk-1'}`,
          ...(marks.rc !== undefined && { 'x-stainless-retry-count': marks.rc }),
          ...(marks.idem !== undefined && { 'idempotency-key': marks.idem }),
          ...(marks.group !== undefined && { 'x-call': marks.group }),
        },
        response: {
          ...(marks.ra !== undefined && { 'retry-after': marks.ra }),
          ...(marks.should !== undefined && { 'x-should-retry': marks.should }),
        },
        answer: Number(how) === 200 ? JSON.stringify({ usage: { prompt_tokens: 10, completion_tokens: 20 } }) : '',
        rest: error ? { _error: error } : {},
      });
    }),
  );
}

export function attemptsIn(records: readonly JournalRecord[]): AttemptRecord[] {
  return records.filter((record) => record.type === 'attempt');
}

export function callsIn(records: readonly JournalRecord[]): CallRecord[] {
  return records.filter((record) => record.type === 'call');
}

/** Returns call and rung of each attempt in order of start: `1 retry-count`, `- none`. */
export function joins(text: string, options: Options = {}): string[] {
  return attemptsIn(read(text, options).records).map(({ call, joinedBy }) => `${call ?? '-'} ${joinedBy}`);
}

export function runOf(text: string, options: Options = {}): Run {
  return readRun(read(text, options).records);
}
