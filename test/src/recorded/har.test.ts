import { describe, expect, it } from 'vitest';
import { attemptsIn, har, harEntry, harStrip, read, runOf } from './traffic.ts';

describe('a HAR', () => {
  it('becomes a journal: times since the first request, reply head, end, requested wait', () => {
    const entry = harEntry(250, 1250, 429, {
      request: { Authorization: 'Bearer sk-secret', 'User-Agent': 'OpenAI/JS 6.49.0', 'x-stainless-retry-count': '0' },
      response: { 'Retry-After': '2', 'x-ratelimit-limit-requests': '500' },
      body: JSON.stringify({ model: 'gpt-4o-mini', stream: true, max_tokens: 50, messages: [] }),
      answer: JSON.stringify({
        error: { type: 'requests', code: 'rate_limit_exceeded', message: 'Please try again in 2s.' },
      }),
      rest: { timings: { blocked: 10, dns: -1, connect: 20, ssl: 15, send: 5, wait: 900, receive: 65 } },
    });
    const { records, observations } = read(har([harEntry(0, 100, 200), entry]));
    expect(attemptsIn(records)[1]).toMatchObject({
      startUs: 250_000,
      headersUs: 1_185_000,
      endUs: 1_250_000,
      endpoint: 'chat.completions',
      status: 429,
      model: 'gpt-4o-mini',
      errorType: 'requests',
      errorCode: 'rate_limit_exceeded',
      retryAfterRaw: '2',
      retryAfterUs: 2_000_000,
      retryCount: 0,
      stream: true,
      userAgent: 'OpenAI/JS 6.49.0',
      limits: [],
    });
    expect(observations[1]).toMatchObject({
      atUs: Date.parse('2026-11-25T10:00:00.250Z') * 1000,
      timed: true,
      host: 'api.openai.com',
      headers: { 'retry-after': '2', 'x-ratelimit-limit-requests': '500' },
      requestedWaitUs: 2_000_000,
      waitSource: 'retry-after',
      maxTokens: 50,
      errorText: 'Please try again in 2s.',
    });
  });

  it('parses one chunk and chunks of seven characters with the same result', () => {
    const text = harStrip('0-20 429 ra=1 rc=0\n1100-1300 200 rc=1\n5000-5100 200 rc=0 body=ü€😀');
    expect(read(text, { piece: 7 })).toEqual(read(text));
  });

  it('tokens of a stream and of a base64 body, for other APIs too', () => {
    const stream =
      'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":11,"output_tokens":1}}}\n\nevent: message_delta\ndata: {"type":"message_delta","usage":{"output_tokens":42}}\n\n';
    const gemini = Buffer.from(
      JSON.stringify({ usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4 } }),
    ).toString('base64');
    const encoded = harEntry(100, 200, 200, {
      url: 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent?key=AIzaSecret0123',
    }) as { response: { content: object } };
    encoded.response.content = { size: 10, mimeType: 'application/json', text: gemini, encoding: 'base64' };
    const anthropic = harEntry(0, 50, 200, { url: 'https://api.anthropic.com/v1/messages', answer: stream });
    const azure = harEntry(300, 400, 200, {
      url: 'https://mine.openai.azure.com/openai/deployments/my-gpt/chat/completions?api-version=2026-01-01',
    });
    const attempts = attemptsIn(read(har([anthropic, encoded, azure])).records);
    expect(
      attempts.map(({ endpoint, model, promptTokens, completionTokens }) => [
        endpoint,
        model,
        promptTokens,
        completionTokens,
      ]),
    ).toEqual([
      ['messages', undefined, 11, 42],
      ['generateContent', 'gemini-2.5-flash', 3, 4],
      ['chat.completions', 'my-gpt', undefined, undefined],
    ]);
    expect(attempts[1]!.key).toMatch(/^[0-9a-f]{16}$/);
  });

  it('without a reply: reset or aborted', () => {
    const [reset, timeout] = attemptsIn(read(harStrip('0-20 reset\n5000-9000 timeout body=b')).records);
    expect([reset!.outcome, reset!.status, timeout!.outcome, timeout!.status]).toEqual(['reset', 0, 'aborted', 0]);
  });

  it('skips other hosts, preflights and cached replies, with counts and reasons', () => {
    const { records } = read(
      har([
        harEntry(0, 10, 200, { url: 'https://fonts.example.com/a.woff' }),
        harEntry(5, 15, 200, { url: 'https://fonts.example.com/b.woff' }),
        harEntry(10, 20, 200),
        harEntry(20, 30, 200, { rest: { _fromCache: 'disk' } }),
        harEntry(30, 40, 200, { url: 'https://gateway.example.com/openai/v1/chat/completions' }),
        harEntry(40, 50, 0),
      ]),
    );
    const [header] = records;
    expect(header).toMatchObject({
      recorded: {
        entries: 6,
        hosts: ['api.openai.com', 'gateway.example.com'],
        leftOut: [
          { why: 'host fonts.example.com', count: 2, first: 'entry 1' },
          { why: "served from the browser's cache", count: 1, first: 'entry 4' },
          { why: 'no reply and no known error', count: 1, first: 'entry 6' },
        ],
      },
    });
  });

  it('--host includes only the given hosts', () => {
    const text = har([
      harEntry(0, 10, 200, { url: 'https://llm.corp.example/ask' }),
      harEntry(10, 20, 200),
      harEntry(20, 30, 200, { url: 'https://eu.llm.corp.example/ask' }),
    ]);
    expect(runOf(text, { hosts: ['llm.corp.example'] }).attempts).toHaveLength(1);
    expect(runOf(text, { hosts: ['*.corp.example'] }).attempts).toHaveLength(2);
  });
});
