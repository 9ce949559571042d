import { describe, expect, it } from 'vitest';
import type { Limit } from '../../../mock-server/admission/limit.ts';
import type { FaultEffect } from '../../../mock-server/faults/fault.ts';
import type { Provider } from '../../../mock-server/provider.ts';
import type { ProviderRequest } from '../../../mock-server/reply.ts';
import type { ProviderSettings } from '../../../mock-server/settings.ts';
import { json, perPeriod, provider, S, START_US, text } from '../openai-provider.ts';

/** Numbers in titles refer to `wire.md` part 4. */
const request = (target: string, body: unknown, headers: Record<string, string>): ProviderRequest => ({
  method: 'POST',
  target,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
  ip: '127.0.0.1',
});
const always = (does: FaultEffect) => [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, does }];
const dialect = (name: ProviderSettings['dialect'], rest: Partial<ProviderSettings> = {}): Provider =>
  provider({ dialect: name, keys: 'any', ...rest });

describe('Azure', () => {
  const path = '/openai/deployments/mine/chat/completions?api-version=2024-10-21';
  const send = (target: Provider, body: object = {}, headers: Record<string, string> = { 'api-key': 'k' }) =>
    target.receive(request(path, { messages: [{ role: 'user', content: 'hi' }], ...body }, headers), START_US);
  const tokens = (amount: number, periodUs: number): Limit => ({
    ...perPeriod('tokens', amount, 'min'),
    spec: { algorithm: 'token-bucket', capacity: 99, refill: { amount, periodUs } },
  });

  it('49: 3 tokens per second, 99 short: wait 33 seconds; string code, no type', () => {
    const target = dialect('azure', { estimator: 'sum', limits: [tokens(3, S)] });
    expect(send(target, { max_tokens: 98 }).status).toBe(200);
    const reply = send(target, { max_tokens: 98 });
    expect(reply.status).toBe(429);
    expect(json(reply)).toEqual({
      error: {
        code: '429',
        message: expect.stringMatching(
          /^Your requests to mine for mine in Sweden Central have exceeded the token rate limit .* API version 2024-10-21\. Please retry after 33 seconds\./,
        ),
      },
    });
    expect(reply.headers).toMatchObject({
      'retry-after': '33',
      'x-ms-region': 'Sweden Central',
      'policy-id': 'DeploymentRatelimit-Token',
      'apim-request-id': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
  });

  it('50: rejects a missing key; accepts a bearer token', () => {
    expect(send(dialect('azure'), {}, {}).status).toBe(401);
    expect(send(dialect('azure'), {}, { authorization: 'Bearer token' }).status).toBe(200);
  });

  it('51: a request larger than the limit gets a requested wait of one day', () => {
    const reply = send(dialect('azure', { limits: [tokens(3, S)] }), { max_tokens: 500 });
    expect(json(reply).error.message).toContain('Please retry after 86400 seconds.');
    expect(reply.headers['retry-after']).toBe('86400');
    expect(reply.view.admitAfterUs).toBeUndefined();
  });

  it('sends resets in whole seconds, and under a different name without Retry-After', () => {
    const limits = [perPeriod('tokens', 1000, 'min')];
    const reply = send(dialect('azure', { limits, retryAfter: 'none', estimator: 'sum' }), { max_tokens: 600 });
    expect(reply.headers).toMatchObject({ 'x-ratelimit-remaining-tokens': '399', 'x-ratelimit-reset-tokens': '37' });
    const target = dialect('azure', { limits, retryAfter: 'none' });
    send(target, { max_tokens: 600 });
    const refused = send(target, { max_tokens: 600 });
    expect(refused.headers).toMatchObject({ 'x-rate-limit-reset-tokens': '36' });
    expect(refused.headers).not.toHaveProperty('retry-after');
  });

  it('refunds unused reserved tokens when the answer ends', () => {
    const target = dialect('azure', { estimator: 'sum', limits: [perPeriod('tokens', 1000, 'min')] });
    const { id } = send(target, { max_tokens: 900 });
    expect(target.buckets(START_US)[0]?.remaining).toBe(99);
    target.finish(id, START_US);
    // 1 prompt token and 8 answer tokens.
    expect(target.buckets(START_US)[0]?.remaining).toBe(991);
  });

  it.each([
    ['missing version', '/openai/deployments/mine/chat/completions'],
    ['other path', '/v1/chat/completions'],
    ['unknown operation', '/openai/deployments/mine/chat?api-version=1'],
    ['invalid URI', '/openai/deployments/%E0%A4%A/chat/completions?api-version=1'],
  ])('%s: 404', (_name, target) => {
    const reply = dialect('azure').receive(request(target, {}, { 'api-key': 'k' }), START_US);
    expect(reply.status).toBe(404);
    expect(json(reply).error.code).toBe('404');
  });

  it('rejects a deployment that the scenario does not list', () => {
    const reply = send(dialect('azure', { models: ['another'] }));
    expect(reply.status).toBe(404);
    expect(json(reply).error.code).toBe('DeploymentNotFound');
  });
});

describe('Anthropic', () => {
  const HEADERS = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };
  const HI = { model: 'claude-sonnet-5-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] };
  const send = (
    target: Provider,
    body: object = {},
    headers: Record<string, string> = HEADERS,
    path = '/v1/messages',
  ) => target.receive(request(path, { ...HI, ...body }, headers), START_US);

  it('52: limits on input and output, with their sum', () => {
    const limits = [perPeriod('input-tokens', 80_000, 'min'), perPeriod('output-tokens', 16_000, 'min')];
    const { status, headers } = send(dialect('anthropic', { limits }));
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'anthropic-ratelimit-tokens-limit': '96000',
      'anthropic-ratelimit-input-tokens-limit': '80000',
      'anthropic-ratelimit-input-tokens-remaining': '80000',
      'anthropic-ratelimit-output-tokens-remaining': '16000',
      'request-id': expect.stringMatching(/^req_01\w{22}$/),
      'anthropic-organization-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const resets = Object.entries(headers).filter(([name]) => name.endsWith('-reset'));
    expect(resets).toHaveLength(3);
    for (const [, reset] of resets) expect(reset).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it('53: refuses above the input token limit', () => {
    const target = dialect('anthropic', { limits: [perPeriod('input-tokens', 20_000, 'min')] });
    const long = { messages: [{ role: 'user', content: 'x'.repeat(60_000) }] };
    expect(send(target, long).status).toBe(200);
    const reply = send(target, long);
    expect(reply.status).toBe(429);
    expect(json(reply)).toEqual({
      type: 'error',
      error: {
        type: 'rate_limit_error',
        message: expect.stringMatching(
          /^This request would exceed the rate limit for your organization \(org-quotalab\) of 20,000 input tokens per minute\./,
        ),
      },
      request_id: reply.headers['request-id'],
    });
    expect(reply.headers['retry-after']).toBe('30');
  });

  it('54: overload', () => {
    const reply = send(dialect('anthropic', { faults: always({ kind: 'status', status: 529 }) }));
    expect(reply.status).toBe(529);
    expect(json(reply).error).toEqual({ type: 'overloaded_error', message: 'Overloaded' });
    expect(reply.headers).toMatchObject({ 'x-should-retry': 'true' });
    expect(reply.headers).not.toHaveProperty('retry-after');
  });

  it('55: monthly spend limit reached', () => {
    const spec = { algorithm: 'calendar-quota', amount: 1, per: 'month', timeZone: 'UTC', resetHour: 0 } as const;
    const target = dialect('anthropic', { limits: [perPeriod('requests', 1, 'min', { spec })] });
    send(target);
    const reply = send(target);
    expect(reply.status).toBe(429);
    expect(json(reply).error).toMatchObject({
      type: 'rate_limit_error',
      details: { error_code: 'enforced_spend_limit_reached' },
    });
    expect(reply.headers).not.toHaveProperty('retry-after');
  });

  it('56: stream events', () => {
    const reply = send(dialect('anthropic'), { stream: true });
    const types = text(reply)
      .split('\n')
      .filter((line) => line.startsWith('event: '))
      .map((line) => line.slice(7));
    expect([...new Set(types)]).toEqual([
      'message_start',
      'content_block_start',
      'ping',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(text(reply)).not.toContain('[DONE]');
  });

  it.each([
    ['credit-balance', 400, 'invalid_request_error', undefined],
    ['project-spend', 400, 'invalid_request_error', undefined],
    ['organization-usage', 429, 'rate_limit_error', 'contract_spend_limit_reached'],
    ['slow-down', 429, 'rate_limit_error', 'ramp_limit_exceeded'],
  ] as const)('limit with says: %s: %d %s', (says, status, type, code) => {
    const target = dialect('anthropic', { limits: [perPeriod('requests', 1, 'min', { says })] });
    send(target);
    const reply = send(target);
    expect(reply.status).toBe(status);
    expect(json(reply).error.type).toBe(type);
    expect(json(reply).error.details?.error_code).toBe(code);
  });

  it('reserves max_tokens of output and refunds the rest', () => {
    const target = dialect('anthropic', { limits: [perPeriod('output-tokens', 1000, 'min')] });
    const { id } = send(target, { max_tokens: 900 });
    expect(send(target, { max_tokens: 900 }).status).toBe(429);
    target.finish(id, START_US);
    expect(send(target, { max_tokens: 900 }).status).toBe(200);
  });

  it.each([
    [{ model: undefined }, 400, 'model: Field required'],
    [{ max_tokens: undefined }, 400, 'max_tokens: Field required'],
    [{ messages: [] }, 400, 'messages: at least one message is required'],
    [{ messages: [{ role: 'king', content: 'x' }] }, 400, "messages.0.role: Input should be 'user' or 'assistant'"],
    [{ tools: [{ name: 'x' }] }, 400, 'tools.0.input_schema: Field required'],
    [{ model: 'gpt-4o' }, 404, 'model: gpt-4o'],
  ])('%j: %d %s', (body, status, message) => {
    const reply = send(dialect('anthropic'), body);
    expect(reply.status).toBe(status);
    expect(json(reply)).toMatchObject({ type: 'error', error: { message } });
  });

  it('rejects a missing key and a missing version', () => {
    expect(send(dialect('anthropic'), {}, { 'anthropic-version': '1' }).status).toBe(401);
    expect(json(send(dialect('anthropic'), {}, { 'x-api-key': 'k' })).error.message).toBe(
      'anthropic-version: header is required',
    );
  });

  it('token counting is not metered', () => {
    const target = dialect('anthropic', { limits: [perPeriod('requests', 1, 'min')] });
    for (let n = 0; n < 3; n++) {
      expect(json(send(target, {}, HEADERS, '/v1/messages/count_tokens'))).toEqual({ input_tokens: 1 });
    }
    send(target);
    expect(send(target).status).toBe(429);
  });
});

describe('Gemini', () => {
  const HI = { contents: [{ role: 'user', parts: [{ text: 'hi' }] }] };
  const send = (
    target: Provider,
    body: object = HI,
    method = 'generateContent',
    headers: Record<string, string> = { 'x-goog-api-key': 'k' },
  ) => target.receive(request(`/v1beta/models/gemini-2.5-flash:${method}`, body, headers), START_US);

  it('57: refuses above the limit of requests per minute', () => {
    const target = dialect('gemini', { account: 'free', limits: [perPeriod('requests', 1, 'min')] });
    send(target);
    const reply = send(target);
    expect(reply.status).toBe(429);
    const { error } = json(reply);
    expect(error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' });
    const byType = (name: string) =>
      error.details.find((detail: { '@type': string }) => detail['@type'].endsWith(name));
    expect(byType('QuotaFailure').violations).toMatchObject([
      {
        quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
        quotaDimensions: { model: 'gemini-2.5-flash' },
      },
    ]);
    expect(byType('RetryInfo').retryDelay).toBe('60s');
    expect(Object.keys(reply.headers).filter((name) => /ratelimit|retry-after/.test(name))).toEqual([]);
    expect(reply.view).toMatchObject({ retryAfterRaw: '60s', retryAfterUs: 60 * S });
  });

  it('a daily limit requests a short wait, but the view has the true one', () => {
    const spec = { algorithm: 'fixed-window', amount: 1, windowUs: 86_400 * S, anchor: 'clock' } as const;
    const target = dialect('gemini', { limits: [perPeriod('requests', 1, 'day', { spec })] });
    send(target);
    const { view } = send(target);
    expect(view).toMatchObject({ retryAfterRaw: '60s', admitAfterUs: 86_400 * S });
  });

  it('streams as events and as a JSON array', () => {
    const events = send(dialect('gemini'), HI, 'streamGenerateContent?alt=sse');
    expect(text(events)).toMatch(/^data: \{.*\}\r\n\r\n/);
    const array = send(dialect('gemini'), HI, 'streamGenerateContent');
    expect(array.headers['content-type']).toBe('application/json; charset=UTF-8');
    const chunks = JSON.parse(text(array));
    expect(chunks.at(-1).candidates[0].finishReason).toBe('STOP');
  });

  it('meters input but not output', () => {
    const target = dialect('gemini', { limits: [perPeriod('tokens', 10, 'min', { settle: 'full' })] });
    const { id } = send(target);
    target.finish(id, START_US);
    expect(target.buckets(START_US)[0]?.remaining).toBe(9);
    expect(send(target, { contents: [{ parts: [{ text: 'x'.repeat(100) }] }] }).status).toBe(429);
  });

  it('rejects overload, missing key, invalid key, unknown model and missing contents', () => {
    const overloaded = send(dialect('gemini', { faults: always({ kind: 'status', status: 503 }) }));
    expect(json(overloaded).error).toMatchObject({ code: 503, status: 'UNAVAILABLE' });
    expect(send(dialect('gemini'), HI, 'generateContent', {}).status).toBe(403);
    expect(json(send(dialect('gemini', { keys: ['another'] }))).error.details[0].reason).toBe('API_KEY_INVALID');
    const unknownModel = dialect('gemini').receive(
      request('/v1beta/models/gpt-4o:generateContent', HI, { 'x-goog-api-key': 'k' }),
      START_US,
    );
    expect(json(unknownModel).error).toMatchObject({ code: 404, status: 'NOT_FOUND' });
    expect(json(send(dialect('gemini'), {})).error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
  });
});

describe('fields that cannot be made a string are refused like others', () => {
  /** What JSON may hold, and `String` cannot convert. */
  const odd = { toString: 1, valueOf: [] };
  const openai = { model: 'gpt-4o', messages: [{ role: 'user', content: 'hi' }] };

  it.each<[ProviderSettings['dialect'], string, unknown]>([
    ['openai', '/v1/chat/completions', { ...openai, messages: [{ role: odd, content: 'hi' }] }],
    ['openai', '/v1/chat/completions', { ...openai, response_format: { type: odd } }],
    ['openai', '/v1/chat/completions', { ...openai, tools: [{ type: odd }] }],
    ['openai', '/v1/responses', { model: 'gpt-4o', input: 'hi', text: { format: { type: odd } } }],
    [
      'openai',
      '/v1/responses',
      { model: 'gpt-4o', input: 'hi', tools: [{ type: 'function', name: 'f', strict: odd }] },
    ],
    ['openai', '/v1/responses', { model: 'gpt-4o', input: 'hi', tools: [{ type: [odd] }] }],
    ['openai', '/v1/embeddings', { model: 'text-embedding-3-small', input: 'hi', encoding_format: odd }],
    ['anthropic', '/v1/messages', { ...openai, max_tokens: 5, tool_choice: { type: 'tool', name: odd } }],
    ['gemini', '/v1beta/models/m:generateContent', { contents: [{ role: odd, parts: [{ text: 'hi' }] }] }],
    [
      'gemini',
      '/v1beta/models/m:generateContent',
      { contents: [{ parts: [{}] }], generationConfig: { maxOutputTokens: odd } },
    ],
  ])('%s %s %j', (name, target, body) => {
    const headers = {
      authorization: 'Bearer k',
      'x-api-key': 'k',
      'x-goog-api-key': 'k',
      'anthropic-version': '2023-06-01',
    };
    expect(dialect(name, { models: 'any' }).receive(request(target, body, headers), START_US).status).toBe(400);
  });
});
