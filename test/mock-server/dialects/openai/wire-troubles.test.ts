import { describe, expect, it } from 'vitest';
import type { Fault, FaultEffect } from '../../../../mock-server/faults/fault.ts';
import { chat, events, HI, json, perPeriod, post, provider, S, START_US, text } from '../../openai-provider.ts';

/** Numbers are those of `wire.md` part 4. "unconfirmed" marks what no capture of the real API has shown. */
const always = (does: FaultEffect, rest: Partial<Fault> = {}): Fault => ({
  fromUs: 0,
  untilUs: Number.MAX_SAFE_INTEGER,
  does,
  ...rest,
});
const month = { algorithm: 'calendar-quota', amount: 1, per: 'month', timeZone: 'UTC', resetHour: 0 } as const;

describe('quotas and troubles', () => {
  it('28: credit gone (text unconfirmed): every request the same, no wait, nothing charged', () => {
    const limits = [perPeriod('requests', 5, 'min')];
    const tested = provider({ limits, faults: [always({ kind: 'refuse', says: 'credit-balance' })] });
    for (let n = 0; n < 3; n++) {
      const reply = tested.receive(chat(), START_US + n * S);
      expect(reply.status).toBe(429);
      expect(json(reply).error).toMatchObject({
        type: 'insufficient_quota',
        code: 'credit_balance_exhausted',
        param: null,
      });
      expect(reply.headers).not.toHaveProperty('retry-after');
      expect(reply.sight).toMatchObject({ fault: 'refuse', errorCode: 'credit_balance_exhausted' });
    }
    expect(tested.buckets(START_US)).toEqual([]);
  });

  it('29: a project’s month is spent (text unconfirmed), another project’s is not', () => {
    const limits = [perPeriod('requests', 1, 'min', { spec: month, scope: ['project'] })];
    const tested = provider({ limits, quotaCodes: '2026' });
    const ask = (project: string) => tested.receive(chat({}, { 'openai-project': project }), START_US);
    expect(ask('a').status).toBe(200);
    expect(json(ask('a')).error).toMatchObject({ type: 'insufficient_quota', code: 'project_spend_limit_exceeded' });
    expect(ask('b').status).toBe(200);
  });

  it.each([
    ['organization-spend', 'organization_spend_limit_exceeded'],
    ['organization-usage', 'organization_usage_limit_exceeded'],
    ['credit-balance', 'credit_balance_exhausted'],
    ['insufficient-quota', 'insufficient_quota'],
  ] as const)('a limit that says %s: %s (unconfirmed but for the last)', (says, code) => {
    const tested = provider({ limits: [perPeriod('requests', 1, 'min', { says })] });
    tested.receive(chat(), START_US);
    const reply = tested.receive(chat(), START_US);
    expect(json(reply).error).toMatchObject({ type: 'insufficient_quota', code });
    expect(reply.headers).not.toHaveProperty('retry-after');
  });

  it('30: overload', () => {
    const tested = provider({
      limits: [perPeriod('requests', 5, 'min')],
      faults: [always({ kind: 'status', status: 503 })],
    });
    const reply = tested.receive(chat(), START_US);
    expect(reply.status).toBe(503);
    expect(json(reply).error).toEqual({
      message: 'Our servers are currently overloaded. Please try again later.',
      type: 'service_unavailable_error',
      param: null,
      code: 'server_is_overloaded',
    });
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });

  it('31: slow down (text unconfirmed), which may be tried again', () => {
    const tested = provider({ limits: [perPeriod('requests', 1, 'min', { says: 'slow-down' })] });
    tested.receive(chat(), START_US);
    const reply = tested.receive(chat(), START_US);
    expect(reply.status).toBe(429);
    expect(json(reply).error).toMatchObject({ type: 'rate_limit_error', code: 'slow_down' });
    expect(reply.headers['retry-after']).toBe('60');
  });

  it.each([502, 504, 520])('%d comes from a gateway, as a page', (status) => {
    const reply = provider({ faults: [always({ kind: 'status', status })] }).receive(chat(), START_US);
    expect(reply.headers['content-type']).toBe('text/html');
    expect(text(reply)).toContain(`<title>${status}`);
  });

  it('images per minute (unconfirmed)', () => {
    const tested = provider({ limits: [perPeriod('images', 5, 'min')] });
    const ask = (n: number) => tested.receive(post('/v1/images/generations', { prompt: 'dots', n }), START_US);
    expect(ask(4).status).toBe(200);
    const reply = ask(2);
    expect(json(reply).error).toMatchObject({
      type: 'requests',
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(
        /^Rate limit exceeded for images per minute in organization org-quotalab. Limit: 5\/1min. Current: 6\/1min\./,
      ),
    });
    expect(ask(1).status).toBe(200);
  });

  it('a free account is told how to get higher limits', () => {
    const tested = provider({ account: 'free', limits: [perPeriod('requests', 1, 'min')] });
    tested.receive(chat(), START_US);
    expect(json(tested.receive(chat(), START_US)).error.message).toMatch(
      /learn more\. You can increase your rate limit by adding a payment method to your account at https:\/\/platform\.openai\.com\/account\/billing\.$/,
    );
  });

  it('17, the exact wait: 1 ms before the next token it says 1ms', () => {
    const tested = provider({ messageWait: 'exact', limits: [perPeriod('requests', 3, 'min')] });
    for (let n = 0; n < 3; n++) tested.receive(chat(), START_US);
    const late = tested.receive(chat(), START_US + 19_999_000);
    expect(json(late).error.message).toContain('Please try again in 1ms.');
    expect(late.headers['retry-after']).toBe('1');
  });
});

// Batches and their queue are "later" in wire.md 1.1, and no HTTP status of theirs is a 429.
it.todo('48: a batch over the queue limit');

describe('what Retry-After may say', () => {
  const refusedWith = (retryAfter: Parameters<typeof provider>[0] & object) => {
    const tested = provider({ limits: [perPeriod('requests', 3, 'min')], ...retryAfter });
    for (let n = 0; n < 3; n++) tested.receive(chat(), START_US);
    return tested.receive(chat(), START_US);
  };

  it.each([
    ['0', 0],
    ['600', 600 * S],
    ['-1', undefined],
    ['soon', undefined],
    ['Wed, 21 Oct 2015 07:28:00 GMT', undefined],
  ])('a lie: %s', (literal, meansUs) => {
    const { headers, sight } = refusedWith({ retryAfter: { literal } });
    expect(headers['retry-after']).toBe(literal);
    expect(headers).not.toHaveProperty('retry-after-ms');
    expect(sight).toMatchObject({ retryAfterRaw: literal });
    expect(sight.retryAfterUs).toBe(meansUs);
  });

  it('a date that is past', () => {
    const { headers, sight } = refusedWith({ retryAfter: 'past-date' });
    expect(headers['retry-after']).toBe('Wed, 31 Dec 2025 23:59:30 GMT');
    expect(sight.retryAfterUs).toBe(0);
  });

  it('milliseconds that contradict the seconds', () => {
    const { headers, sight } = refusedWith({ retryAfter: { literal: '1', literalMs: '0' } });
    expect(headers).toMatchObject({ 'retry-after': '1', 'retry-after-ms': '0' });
    expect(sight.retryAfterUs).toBe(0);
  });

  it.each([true, false])('x-should-retry: %s on refusals, never on answers', (shouldRetry) => {
    expect(refusedWith({ shouldRetry }).headers['x-should-retry']).toBe(String(shouldRetry));
    expect(provider({ shouldRetry }).receive(chat(), START_US).headers).not.toHaveProperty('x-should-retry');
  });

  it('headers of the tightest limit, or of the longest', () => {
    const limits = [perPeriod('requests', 3, 'min'), perPeriod('requests', 10_000, 'day')];
    const shown = (headersShow: 'longest' | 'tightest') =>
      provider({ limits, headersShow }).receive(chat(), START_US).headers['x-ratelimit-limit-requests'];
    expect([shown('longest'), shown('tightest')]).toEqual(['10000', '3']);
  });
});

describe('streams that go wrong', () => {
  it('40: a tool call: a name with empty arguments, then their pieces', () => {
    const tools = [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        },
      },
    ];
    const chunks = events(provider().receive(chat({ stream: true, tools }), START_US)).slice(0, -1);
    const calls = chunks.flatMap(({ choices }) => choices[0].delta.tool_calls ?? []);
    expect(calls[0]).toEqual({
      index: 0,
      id: expect.stringMatching(/^call_\w{24}$/),
      type: 'function',
      function: { name: 'get_weather', arguments: '' },
    });
    const args = calls.map((call) => call.function.arguments).join('');
    expect(JSON.parse(args)).toEqual({ city: expect.any(String) });
    expect(chunks.at(-1).choices[0].finish_reason).toBe('tool_calls');
  });

  it('42: an error after three pieces, and the end', () => {
    const reply = provider({
      faults: [always({ kind: 'error-event', after: 3, code: 'server_is_overloaded' })],
    }).receive(chat({ stream: true }), START_US);
    const seen = events(reply);
    expect(seen).toHaveLength(4);
    expect(Object.keys(seen[3].error).sort()).toEqual(['code', 'message', 'param', 'type']);
    expect(text(reply)).not.toContain('[DONE]');
    expect(reply.ending).toBe('complete');
  });

  const responses = (body: object, settings: Parameters<typeof provider>[0] = {}) => {
    const reply = provider(settings).receive(
      post('/v1/responses', { model: HI.model, input: 'hi', stream: true, ...body }),
      START_US,
    );
    return text(reply)
      .split('\n\n')
      .filter((event) => event !== '')
      .map((event) => {
        const [, type, data] = /^event: (.*)\ndata: (.*)$/.exec(event)!;
        const parsed = JSON.parse(data!);
        expect(parsed.type).toBe(type);
        return parsed;
      });
  };

  it('43: nine kinds of events in their order, numbered without a gap', () => {
    const seen = responses({});
    expect(seen.map(({ sequence_number: number }) => number)).toEqual(seen.map((_, index) => index));
    expect([...new Set(seen.map(({ type }) => type))]).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('44: cut at its maximum', () => {
    const last = responses({ max_output_tokens: 1 }).at(-1);
    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    });
  });

  it('45: a rate limit that is reached in the middle', () => {
    const seen = responses({}, { faults: [always({ kind: 'error-event', after: 4, code: 'rate_limit_exceeded' })] });
    expect(seen.slice(-2)).toMatchObject([
      { type: 'error', sequence_number: 4, error: { code: 'rate_limit_exceeded', message: expect.any(String) } },
      {
        type: 'response.failed',
        sequence_number: 5,
        response: { status: 'failed', error: { code: 'rate_limit_exceeded' } },
      },
    ]);
  });

  it('padding on every piece, unless it is asked to be left out', () => {
    const padded = events(provider().receive(chat({ stream: true }), START_US)).slice(0, -1);
    const lengths = padded.map(({ obfuscation }) => obfuscation.length);
    expect(new Set(lengths).size).toBeGreaterThan(1);
    const plain = provider().receive(chat({ stream: true, stream_options: { include_obfuscation: false } }), START_US);
    expect(text(plain)).not.toContain('obfuscation');
  });
});
