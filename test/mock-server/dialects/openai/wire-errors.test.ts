import { describe, expect, it } from 'vitest';
import type { Fault, FaultEffect } from '../../../../mock-server/faults/fault.ts';
import { chat, events, HI, json, perPeriod, post, provider, S, START_US, text } from '../../openai-provider.ts';

/** Numbers in titles refer to `wire.md` part 4. "unconfirmed": not backed by a capture of the real API. */
const always = (does: FaultEffect, rest: Partial<Fault> = {}): Fault => ({
  fromUs: 0,
  untilUs: Number.MAX_SAFE_INTEGER,
  does,
  ...rest,
});
const month = { algorithm: 'calendar-quota', amount: 1, per: 'month', timeZone: 'UTC', resetHour: 0 } as const;

describe('quotas and server errors', () => {
  it('28: credit exhausted (text unconfirmed): refuses every request without a wait or a charge', () => {
    const limits = [perPeriod('requests', 5, 'min')];
    const target = provider({ limits, faults: [always({ kind: 'refuse', says: 'credit-balance' })] });
    for (let n = 0; n < 3; n++) {
      const reply = target.receive(chat(), START_US + n * S);
      expect(reply.status).toBe(429);
      expect(json(reply).error).toMatchObject({
        type: 'insufficient_quota',
        code: 'credit_balance_exhausted',
        param: null,
      });
      expect(reply.headers).not.toHaveProperty('retry-after');
      expect(reply.view).toMatchObject({ fault: 'refuse', errorCode: 'credit_balance_exhausted' });
    }
    expect(target.buckets(START_US)).toEqual([]);
  });

  it('29: monthly spend of one project reached (text unconfirmed); other projects are admitted', () => {
    const limits = [perPeriod('requests', 1, 'min', { spec: month, scope: ['project'] })];
    const target = provider({ limits, quotaCodes: '2026' });
    const send = (project: string) => target.receive(chat({}, { 'openai-project': project }), START_US);
    expect(send('a').status).toBe(200);
    expect(json(send('a')).error).toMatchObject({ type: 'insufficient_quota', code: 'project_spend_limit_exceeded' });
    expect(send('b').status).toBe(200);
  });

  it.each([
    ['organization-spend', 'organization_spend_limit_exceeded'],
    ['organization-usage', 'organization_usage_limit_exceeded'],
    ['credit-balance', 'credit_balance_exhausted'],
    ['insufficient-quota', 'insufficient_quota'],
  ] as const)('limit with says: %s: %s (only the last is confirmed)', (says, code) => {
    const target = provider({ limits: [perPeriod('requests', 1, 'min', { says })] });
    target.receive(chat(), START_US);
    const reply = target.receive(chat(), START_US);
    expect(json(reply).error).toMatchObject({ type: 'insufficient_quota', code });
    expect(reply.headers).not.toHaveProperty('retry-after');
  });

  it('30: overload', () => {
    const target = provider({
      limits: [perPeriod('requests', 5, 'min')],
      faults: [always({ kind: 'status', status: 503 })],
    });
    const reply = target.receive(chat(), START_US);
    expect(reply.status).toBe(503);
    expect(json(reply).error).toEqual({
      message: 'Our servers are currently overloaded. Please try again later.',
      type: 'service_unavailable_error',
      param: null,
      code: 'server_is_overloaded',
    });
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
  });

  it('31: slow down (text unconfirmed) has a Retry-After', () => {
    const target = provider({ limits: [perPeriod('requests', 1, 'min', { says: 'slow-down' })] });
    target.receive(chat(), START_US);
    const reply = target.receive(chat(), START_US);
    expect(reply.status).toBe(429);
    expect(json(reply).error).toMatchObject({ type: 'rate_limit_error', code: 'slow_down' });
    expect(reply.headers['retry-after']).toBe('60');
  });

  it.each([502, 504, 520])('%d is an HTML page of a gateway', (status) => {
    const reply = provider({ faults: [always({ kind: 'status', status })] }).receive(chat(), START_US);
    expect(reply.headers['content-type']).toBe('text/html');
    expect(text(reply)).toContain(`<title>${status}`);
  });

  it('images per minute (unconfirmed)', () => {
    const target = provider({ limits: [perPeriod('images', 5, 'min')] });
    const send = (n: number) => target.receive(post('/v1/images/generations', { prompt: 'dots', n }), START_US);
    expect(send(4).status).toBe(200);
    const reply = send(2);
    expect(json(reply).error).toMatchObject({
      type: 'requests',
      code: 'rate_limit_exceeded',
      message: expect.stringMatching(
        /^Rate limit exceeded for images per minute in organization org-quotalab. Limit: 5\/1min. Current: 6\/1min\./,
      ),
    });
    expect(send(1).status).toBe(200);
  });

  it('the message to a free account says how to get higher limits', () => {
    const target = provider({ account: 'free', limits: [perPeriod('requests', 1, 'min')] });
    target.receive(chat(), START_US);
    expect(json(target.receive(chat(), START_US)).error.message).toMatch(
      /learn more\. You can increase your rate limit by adding a payment method to your account at https:\/\/platform\.openai\.com\/account\/billing\.$/,
    );
  });

  it('17, messageWait: exact: 1 ms before the next token the message says 1ms', () => {
    const target = provider({ messageWait: 'exact', limits: [perPeriod('requests', 3, 'min')] });
    for (let n = 0; n < 3; n++) target.receive(chat(), START_US);
    const late = target.receive(chat(), START_US + 19_999_000);
    expect(json(late).error.message).toContain('Please try again in 1ms.');
    expect(late.headers['retry-after']).toBe('1');
  });
});

// Batches and their queue are "later" in wire.md 1.1; they never answer 429.
it.todo('48: a batch over the queue limit');

describe('Retry-After policies', () => {
  const refusedWith = (retryAfter: Parameters<typeof provider>[0] & object) => {
    const target = provider({ limits: [perPeriod('requests', 3, 'min')], ...retryAfter });
    for (let n = 0; n < 3; n++) target.receive(chat(), START_US);
    return target.receive(chat(), START_US);
  };

  it.each([
    ['0', 0],
    ['600', 600 * S],
    ['1.5', 1.5 * S],
    ['+3', 3 * S],
    ['6m0s', 360 * S],
    ['-1', 0],
    ['soon', undefined],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ])('literal: %s', (literal, statedUs) => {
    const { headers, view } = refusedWith({ retryAfter: { literal } });
    expect(headers['retry-after']).toBe(literal);
    expect(headers).not.toHaveProperty('retry-after-ms');
    expect(view).toMatchObject({ retryAfterRaw: literal });
    expect(view.retryAfterUs).toBe(statedUs);
  });

  it('past-date', () => {
    const { headers, view } = refusedWith({ retryAfter: 'past-date' });
    expect(headers['retry-after']).toBe('Wed, 31 Dec 2025 23:59:30 GMT');
    expect(view.retryAfterUs).toBe(0);
  });

  it('milliseconds that contradict the seconds take precedence', () => {
    const { headers, view } = refusedWith({ retryAfter: { literal: '1', literalMs: '0' } });
    expect(headers).toMatchObject({ 'retry-after': '1', 'retry-after-ms': '0' });
    expect(view.retryAfterUs).toBe(0);
  });

  it.each([true, false])('x-should-retry: %s on refusals only', (shouldRetry) => {
    expect(refusedWith({ shouldRetry }).headers['x-should-retry']).toBe(String(shouldRetry));
    expect(provider({ shouldRetry }).receive(chat(), START_US).headers).not.toHaveProperty('x-should-retry');
  });

  it('headers show the tightest or the longest limit', () => {
    const limits = [perPeriod('requests', 3, 'min'), perPeriod('requests', 10_000, 'day')];
    const shown = (headersShow: 'longest' | 'tightest') =>
      provider({ limits, headersShow }).receive(chat(), START_US).headers['x-ratelimit-limit-requests'];
    expect([shown('longest'), shown('tightest')]).toEqual(['10000', '3']);
  });
});

describe('streams', () => {
  it('40: tool call: a name with empty arguments, then their pieces', () => {
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

  it('42: error event after three frames ends the stream', () => {
    const reply = provider({
      faults: [always({ kind: 'error-event', after: 3, code: 'server_is_overloaded' })],
    }).receive(chat({ stream: true }), START_US);
    const received = events(reply);
    expect(received).toHaveLength(4);
    expect(Object.keys(received[3].error).sort()).toEqual(['code', 'message', 'param', 'type']);
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

  it('43: nine event types in order, numbered without gaps', () => {
    const received = responses({});
    expect(received.map(({ sequence_number: number }) => number)).toEqual(received.map((_, index) => index));
    expect([...new Set(received.map(({ type }) => type))]).toEqual([
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

  it('44: incomplete at max_output_tokens', () => {
    const last = responses({ max_output_tokens: 1 }).at(-1);
    expect(last).toMatchObject({
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    });
  });

  it('45: rate limit error in mid-stream', () => {
    const received = responses(
      {},
      { faults: [always({ kind: 'error-event', after: 4, code: 'rate_limit_exceeded' })] },
    );
    expect(received.slice(-2)).toMatchObject([
      { type: 'error', sequence_number: 4, error: { code: 'rate_limit_exceeded', message: expect.any(String) } },
      {
        type: 'response.failed',
        sequence_number: 5,
        response: { status: 'failed', error: { code: 'rate_limit_exceeded' } },
      },
    ]);
  });

  it('pads every chunk unless include_obfuscation is false', () => {
    const padded = events(provider().receive(chat({ stream: true }), START_US)).slice(0, -1);
    const lengths = padded.map(({ obfuscation }) => obfuscation.length);
    expect(new Set(lengths).size).toBeGreaterThan(1);
    const plain = provider().receive(chat({ stream: true, stream_options: { include_obfuscation: false } }), START_US);
    expect(text(plain)).not.toContain('obfuscation');
  });
});
