import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FIELDS, parseFieldMap } from '../../../src/recorded/field-map.ts';
import { attemptsIn, callsIn, read, runOf, sample } from './traffic.ts';

const summary = (text: string, options: Parameters<typeof read>[1] = {}): unknown[] =>
  attemptsIn(read(text, options).records).map(
    ({ call, joinedBy, startUs, headersUs, endUs, status, outcome, endpoint }) => [
      `${call ?? '-'} ${joinedBy}`,
      startUs / 1000,
      headersUs === undefined ? undefined : headersUs / 1000,
      endUs / 1000,
      outcome === 'response' ? status : outcome,
      endpoint,
    ],
  );

const LOG_FORMAT =
  '$msec $request_method $request_uri $status $request_time $upstream_header_time "$sent_http_retry_after" "$http_idempotency_key" $http_x_stainless_retry_count';

describe('nginx access logs', () => {
  it('combined: end times with a resolution of 1 s, and no field to join by', () => {
    expect(summary(sample('access.log'))).toEqual([
      ['- none', 0, undefined, 0, 429, 'chat.completions'],
      ['- none', 1000, undefined, 1000, 200, 'chat.completions'],
      ['- none', 4000, undefined, 4000, 200, 'embeddings'],
    ]);
    const { recorded } = runOf(sample('access.log')).header;
    expect(recorded).toMatchObject({
      format: 'nginx',
      entries: 5,
      leftOut: [
        { why: 'path of no known API', count: 1, first: 'line 3' },
        { why: 'line does not match the log format', count: 1, first: 'line 5' },
      ],
      resolutionUs: 1_000_000,
    });
    expect(recorded!.missing).toEqual([
      'limits',
      'caller',
      'durations',
      'fine-clock',
      'bodies',
      'request-headers',
      'tokens',
    ]);
  });

  it('a format with times and headers: starts are computed from ends', () => {
    expect(summary(sample('timed.log'), { logFormat: LOG_FORMAT })).toEqual([
      ['1 idempotency', 0, 49, 50, 429, 'chat.completions'],
      ['2 idempotency', 2050, 2099, 2100, 429, 'chat.completions'],
      ['1 idempotency', 2100, 2400, 2900, 200, 'chat.completions'],
      ['2 idempotency', 2200, undefined, 3200, 'aborted', 'chat.completions'],
    ]);
    const { records } = read(sample('timed.log'), { logFormat: LOG_FORMAT });
    expect(attemptsIn(records).map(({ retryAfterUs }) => retryAfterUs)).toEqual([
      2_000_000,
      3_000_000,
      undefined,
      undefined,
    ]);
  });
});

it('LiteLLM payloads: trace_id is the call; skips replies of LiteLLM itself', () => {
  expect(summary(sample('litellm.jsonl'))).toEqual([
    ['1 marker', 0, undefined, 150, 429, 'chat.completions'],
    ['1 marker', 2400, undefined, 3200, 200, 'chat.completions'],
  ]);
  const { records, observations } = read(sample('litellm.jsonl'));
  expect(records[0]).toMatchObject({
    recorded: {
      format: 'litellm',
      leftOut: [
        { why: 'rejected by LiteLLM, not sent', count: 1, first: 'line 3' },
        { why: "served from LiteLLM's cache", count: 1, first: 'line 4' },
      ],
    },
  });
  expect(
    observations.map(({ headers, requestedWaitUs, promptTokens, maxTokens }) => [
      headers,
      requestedWaitUs,
      promptTokens,
      maxTokens,
    ]),
  ).toEqual([
    [{ 'retry-after': '2' }, 2_000_000, undefined, 50],
    [{ 'x-ratelimit-limit-requests': '500', 'x-ratelimit-remaining-requests': '499' }, undefined, 10, 50],
  ]);
  const array = `[${sample('litellm.jsonl').trim().split('\n').join(',\n')}]`;
  expect(summary(array)).toEqual(summary(sample('litellm.jsonl')));
});

it('nginx: the last of several upstreams counts; a long line of another shape is rejected in one pass', () => {
  const logFormat = '$msec "$request" $upstream_status $request_time $upstream_header_time "$http_user_agent"';
  const line = '1795600801.000 "POST /v1/responses HTTP/1.1" 502, 503 : 200 1.000 0.010, 0.020 : 0.300 "a b"';
  const other = `${'a " b ] '.repeat(50_000)}\n`;
  expect(summary(`${other}${line}\n`, { logFormat })).toEqual([['- none', 0, 300, 1000, 200, 'responses']]);
});

it("LiteLLM's spend logs: dates are UTC, the session is the call", () => {
  const row = (id: string, from: string, to: string, status: string, more: object): object => ({
    request_id: id,
    call_type: 'acompletion',
    api_key: '88dc28d0f030',
    spend: 0,
    startTime: from,
    endTime: to,
    model: 'gpt-4o-mini',
    api_base: 'https://api.openai.com',
    session_id: 's-1',
    cache_hit: 'False',
    prompt_tokens: 10,
    completion_tokens: 5,
    status,
    ...more,
  });
  const rows = [
    row('1', '2026-11-25T10:00:00.100000', '2026-11-25T10:00:00.250000', 'failure', {
      metadata: { status: 'failure', error_information: { error_code: '503', error_class: 'ServiceUnavailableError' } },
    }),
    row('2', '2026-11-25T10:00:01.100000Z', '2026-11-25T10:00:02Z', 'success', { metadata: { status: 'success' } }),
  ];
  expect(summary(JSON.stringify(rows))).toEqual([
    ['1 marker', 0, undefined, 150, 503, 'chat.completions'],
    ['1 marker', 1000, undefined, 1900, 200, 'chat.completions'],
  ]);
});

describe('OpenTelemetry spans', () => {
  it('a GenAI span is the call, HTTP spans below it are its attempts; without these the call is one attempt', () => {
    expect(summary(sample('spans.json'))).toEqual([
      ['1 parent-span', 0, undefined, 50, 429, 'chat'],
      ['1 parent-span', 2090, undefined, 2980, 200, 'chat'],
      ['2 parent-span', 4990, undefined, 5990, 429, 'chat'],
    ]);
    const { header, attempts } = runOf(sample('spans.json'));
    expect(header.recorded!.missing).toContain('inner-attempts');
    expect(attempts.map(({ retryAfterUs, promptTokens }) => [retryAfterUs, promptTokens])).toEqual([
      [2_000_000, undefined],
      [undefined, 10],
      [undefined, undefined],
    ]);
  });

  it('parses one document and one document per line with the same result', () => {
    const line = JSON.stringify(JSON.parse(sample('spans.json')));
    expect(summary(`${line}\n`)).toEqual(summary(sample('spans.json')));
    expect(summary(line)).toEqual(summary(sample('spans.json')));
    const long = JSON.stringify({
      resourceSpans: [{ resource: { attributes: [{ key: 'x', value: { stringValue: 'y'.repeat(200_000) } }] } }],
    });
    expect(summary(`${long}\n${line}\n`)).toEqual(summary(sample('spans.json')));
  });

  it('requests without a GenAI span: only a resend count shows a retry', () => {
    const http = (id: number, ms: number, status: number, resent?: number): object => ({
      traceId: 't',
      spanId: `s${id}`,
      parentSpanId: 'handler',
      kind: 3,
      name: 'POST',
      startTimeUnixNano: `${1_795_600_800_000 + ms}000000`,
      endTimeUnixNano: `${1_795_600_800_000 + ms + 50}000000`,
      attributes: Object.entries({ 'http.request.method': 'POST', 'url.full': 'https://api.openai.com/v1/responses' })
        .map(([key, value]): object => ({ key, value: { stringValue: value } }))
        .concat({ key: 'http.response.status_code', value: { intValue: status } })
        .concat(resent === undefined ? [] : [{ key: 'http.request.resend_count', value: { intValue: resent } }]),
    });
    const trace = (spans: object[]): string => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    expect(summary(trace([http(1, 0, 503), http(2, 900, 200, 1)])).map((one) => (one as string[])[0])).toEqual([
      '1 retry-count',
      '1 retry-count',
    ]);
    expect(summary(trace([http(1, 0, 503), http(2, 900, 200)])).map((one) => (one as string[])[0])).toEqual([
      '- none',
      '- none',
    ]);
  });
});

describe('JSON lines', () => {
  const map = parseFieldMap([
    'at=ts:ms,duration=took_ms,status=http.status,outcome=timed_out,url=api.url,retryAfter=retry_after,call=job',
  ]);

  it('are read by the field map; skipped lines are counted', () => {
    expect(summary(sample('calls.jsonl'), { map })).toEqual([
      ['1 marker', 0, undefined, 50, 429, 'chat.completions'],
      ['1 marker', 2100, undefined, 2900, 200, 'chat.completions'],
      ['2 marker', 3000, undefined, 33000, 'aborted', 'chat.completions'],
    ]);
    expect(callsIn(read(sample('calls.jsonl'), { map }).records).map(({ result }) => result)).toEqual(['ok', 'open']);
    expect(runOf(sample('calls.jsonl'), { map }).header.recorded!.leftOut).toEqual([
      { why: 'missing or invalid start time', count: 1, first: 'line 3' },
      { why: 'not a JSON object', count: 1, first: 'line 4' },
    ]);
  });

  it.each([
    ['at=t', '2026-11-25T10:00:00.250Z', 250],
    ['at=t', '2026-11-25T11:00:00.250+01:00', 250],
    ['at=t:s', 1_795_600_800.25, 250],
    ['at=t:ns', '1795600800250000000', 250],
  ])('%s of %s', (at, value, expected) => {
    const text = `${JSON.stringify({ t: value, s: 200 })}\n`;
    const { records } = read(text, { map: parseFieldMap([at, 'status=s']) });
    const header = records[0]!;
    expect(header.type === 'header' && header.generated.startedUs / 1000).toBe(1_795_600_800_000 + expected);
  });

  it('does not guess the unit of a number', () => {
    expect(() => read('{"t":1795600800,"s":200}\n', { map: parseFieldMap(['at=t,status=s']) })).toThrow(
      'the only entry is not a request to a model',
    );
  });
});

it('docs/recorded.md lists every field', () => {
  const page = readFileSync(new URL('../../../docs/recorded.md', import.meta.url), 'utf8');
  for (const [name, description] of Object.entries(FIELDS)) expect(page).toContain(`| \`${name}\` | ${description} |`);
});
