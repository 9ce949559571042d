import { describe, expect, it } from 'vitest';
import { goDuration } from '../../../../mock-server/dialects/openai/go-duration.ts';
import { chat, events, HI, json, KEY, perPeriod, post, provider, S, START_US, text } from '../../openai-provider.ts';

/** Numbers in titles refer to `wire.md` part 4. "unconfirmed": not backed by a capture of the real API. */
describe('answers', () => {
  it('1, 2, 3: a chat completion, its headers, and unique IDs', () => {
    const target = provider();
    const reply = target.receive(chat(), START_US);
    const body = json(reply);
    expect(reply.status).toBe(200);
    expect(body).toMatchObject({ object: 'chat.completion', model: 'gpt-4o-mini-2024-07-18', created: START_US / S });
    expect(body.id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/);
    expect(body.choices).toEqual([
      {
        index: 0,
        message: { role: 'assistant', content: expect.any(String), refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: 'stop',
      },
    ]);
    expect(body.usage.total_tokens).toBe(body.usage.prompt_tokens + body.usage.completion_tokens);
    expect(reply.headers).toMatchObject({
      'content-type': 'application/json',
      'openai-version': '2020-10-01',
      'openai-organization': 'org-quotalab',
      'openai-processing-ms': '370',
    });
    expect(reply.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/);
    const again = target.receive(chat(), START_US);
    expect(json(again).id).not.toBe(body.id);
    expect(again.headers['x-request-id']).not.toBe(reply.headers['x-request-id']);
  });

  it('11: the model list is not metered', () => {
    const target = provider({ limits: [perPeriod('requests', 3, 'min')] });
    const reply = target.receive({ ...post('/v1/models', ''), method: 'GET' }, START_US);
    expect(json(reply).data[0]).toMatchObject({ object: 'model', id: expect.any(String), created: expect.any(Number) });
    expect(reply.headers).not.toHaveProperty('x-ratelimit-limit-requests');
    expect(target.buckets(START_US)).toEqual([]);
  });

  it('38: stream', () => {
    const reply = provider().receive(chat({ stream: true }), START_US);
    const [first, ...rest] = events(reply);
    expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    expect(first.choices[0].delta).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(rest.at(-1)).toBe('[DONE]');
    expect(rest.at(-2).choices[0]).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' });
    expect(text(reply)).not.toContain('usage');
    expect(
      new Set(
        events(reply)
          .slice(0, -1)
          .map(({ id }) => id),
      ).size,
    ).toBe(1);
  });

  it('39: stream with usage at the end', () => {
    const chunks = events(
      provider().receive(chat({ stream: true, stream_options: { include_usage: true } }), START_US),
    );
    expect(chunks.slice(0, -2).every(({ usage }) => usage === null)).toBe(true);
    expect(chunks.at(-2)).toMatchObject({ choices: [], usage: { completion_tokens: 8 } });
  });

  it('frames are due with their tokens: after 300 ms, then every 10 ms', () => {
    const { frames, headAfterUs } = provider().receive(chat({ stream: true }), START_US);
    expect(headAfterUs).toBe(300_000);
    // Role, 8 tokens, finish chunk, [DONE].
    expect(frames.map(({ afterUs }) => afterUs / 1000)).toEqual([
      300, 300, 310, 320, 330, 340, 350, 360, 370, 370, 370,
    ]);
  });

  it('max_tokens cuts the answer and sets finish_reason', () => {
    const body = json(provider().receive(chat({ max_tokens: 3 }), START_US));
    expect(body.choices[0].finish_reason).toBe('length');
    expect(body.usage.completion_tokens).toBe(3);
  });

  it('the same seed gives the same bytes; a different seed does not', () => {
    const bytes = (seed: number): string => text(provider({ seed }).receive(chat(), START_US));
    expect(bytes(7)).toBe(bytes(7));
    expect(bytes(7)).not.toBe(bytes(8));
  });

  it('46: embeddings as arrays and as base64', () => {
    const target = provider();
    const body = { model: 'text-embedding-3-small', input: ['same', 'same'], dimensions: 8 };
    const plain = json(target.receive(post('/v1/embeddings', body), START_US));
    expect(plain.data.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
    expect(plain.data[0].embedding).toEqual(plain.data[1].embedding);
    expect(Math.hypot(...plain.data[0].embedding)).toBeCloseTo(1, 5);
    expect(plain.usage.prompt_tokens).toBe(plain.usage.total_tokens);
    const packed = json(target.receive(post('/v1/embeddings', { ...body, encoding_format: 'base64' }), START_US));
    const bytes = Buffer.from(packed.data[0].embedding, 'base64');
    expect(bytes.length).toBe(4 * 8);
    expect(bytes.readFloatLE(0)).toBeCloseTo(plain.data[0].embedding[0], 6);
  });
});

describe('invalid requests', () => {
  const refused = (request: Parameters<ReturnType<typeof provider>['receive']>[0]) => {
    const reply = provider({ limits: [perPeriod('requests', 3, 'min')] }).receive(request, START_US);
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([]);
    return { status: reply.status, ...json(reply).error };
  };

  it('4: missing key', () => {
    expect(refused(chat({}, { authorization: '' }))).toMatchObject({
      status: 401,
      type: 'invalid_request_error',
      param: null,
      code: null,
      message: expect.stringMatching(/^You didn't provide an API key\./),
    });
  });

  it.each([
    ['5', 'sk-proj-AAAAAAAAAAAAAAAA21sA', `sk-proj-${'*'.repeat(16)}21sA`],
    ['6', 'ai', 'ai'],
  ])('%s: invalid key %s is shown as %s', (_number, key, shown) => {
    expect(refused(chat({}, { authorization: `Bearer ${key}` }))).toMatchObject({
      status: 401,
      code: 'invalid_api_key',
      message: expect.stringContaining(`Incorrect API key provided: ${shown}.`),
    });
  });

  it.each([
    [
      '7: invalid JSON',
      post('/v1/chat/completions', '{"model":'),
      { status: 400, code: null, message: expect.stringMatching(/^We could not parse the JSON body/) },
    ],
    [
      '8: unknown model',
      chat({ model: 'gpt-nope' }),
      {
        status: 404,
        code: 'model_not_found',
        message: 'The model `gpt-nope` does not exist or you do not have access to it.',
      },
    ],
    [
      '9: missing messages (unconfirmed)',
      post('/v1/chat/completions', { model: HI.model }),
      {
        status: 400,
        param: 'messages',
        code: 'missing_required_parameter',
        message: "Missing required parameter: 'messages'.",
      },
    ],
    [
      'missing model (unconfirmed)',
      post('/v1/chat/completions', {}),
      { status: 400, message: 'you must provide a model parameter' },
    ],
    [
      '10: unknown URL',
      { ...post('/v1/foo', ''), method: 'GET' },
      { status: 404, message: 'Invalid URL (GET /v1/foo)' },
    ],
    [
      'wrong method (unconfirmed)',
      { ...post('/v1/chat/completions', ''), method: 'GET' },
      { status: 405, code: 'method_not_supported' },
    ],
    ['wrong type', chat({ messages: 'hi' }), { status: 400, param: 'messages', code: 'invalid_type' }],
    ['empty messages', chat({ messages: [] }), { status: 400, param: 'messages', code: 'empty_array' }],
    [
      'wrong role',
      chat({ messages: [{ role: 'king', content: 'x' }] }),
      { status: 400, param: 'messages[0].role', code: 'invalid_value' },
    ],
    ['max_tokens 0', chat({ max_tokens: 0 }), { status: 400, param: 'max_tokens', code: 'integer_below_min_value' }],
    ['n 1000', chat({ n: 1000 }), { status: 400, param: 'n', code: 'integer_above_max_value' }],
    ['temperature "hot"', chat({ temperature: 'hot' }), { status: 400, param: 'temperature', code: 'invalid_type' }],
    ['missing input', post('/v1/embeddings', { model: 'text-embedding-3-small' }), { status: 400, param: 'input' }],
    [
      '47: embeddings above the token limit',
      post('/v1/embeddings', { model: 'text-embedding-3-small', input: 'x'.repeat(1_202_000) }),
      {
        status: 400,
        type: 'max_tokens_per_request',
        code: 'max_tokens_per_request',
        message: 'Requested 300500 tokens, max 300000 tokens per request',
      },
    ],
  ])('%s', (_name, request, expected) => {
    const error = refused(request);
    expect(error).toMatchObject(expected);
    expect(Object.keys(error).sort()).toEqual(['code', 'message', 'param', 'status', 'type']);
  });
});

describe('limit headers of answers', () => {
  const headersOf = (limits: Parameters<typeof perPeriod>[]) => {
    const { headers } = provider({ limits: limits.map((args) => perPeriod(...args)) }).receive(chat(), START_US);
    return Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => name.startsWith('x-ratelimit-'))
        .map(([name, value]) => [name.slice(12), value]),
    );
  };

  it('12: 500 RPM and 200,000 TPM', () => {
    expect(
      headersOf([
        ['requests', 500, 'min'],
        ['tokens', 200_000, 'min'],
      ]),
    ).toEqual({
      'limit-requests': '500',
      'remaining-requests': '499',
      'reset-requests': '120ms',
      'limit-tokens': '200000',
      'remaining-tokens': '199984',
      'reset-tokens': '4ms',
    });
  });

  it('13: 60 RPM and 150,000 TPM', () => {
    const headers = headersOf([
      ['requests', 60, 'min'],
      ['tokens', 150_000, 'min'],
    ]);
    expect(headers).toMatchObject({
      'remaining-requests': '59',
      'reset-requests': '1s',
      'remaining-tokens': '149984',
      'reset-tokens': '6ms',
    });
  });

  it('14: headers show the daily limit rather than the one per minute', () => {
    const headers = headersOf([
      ['requests', 500, 'min'],
      ['requests', 10_000, 'day'],
    ]);
    expect(headers).toEqual({ 'limit-requests': '10000', 'remaining-requests': '9999', 'reset-requests': '8.64s' });
  });

  it('15: 519 of 10,000 tokens', () => {
    const { headers } = provider({ limits: [perPeriod('tokens', 10_000, 'min')] }).receive(
      chat({ max_tokens: 519 }),
      START_US,
    );
    expect(headers).toMatchObject({ 'x-ratelimit-remaining-tokens': '9481', 'x-ratelimit-reset-tokens': '3.114s' });
  });
});

describe('refusals', () => {
  /** Sends a request for `requested` tokens when `used` of the limit is consumed. */
  const refusalOf = (limit: ReturnType<typeof perPeriod>, used: number, requested: number) => {
    const spec = { ...limit.spec, initial: (limit.spec as { capacity: number }).capacity - used } as typeof limit.spec;
    const target = provider({ limits: [{ ...limit, spec }], models: 'any' });
    return target.receive(chat({ max_tokens: requested }), START_US);
  };

  it('16, 17: 3 RPM, four requests at once: after 19.999 s the message still says 20s; at 20 s admits', () => {
    const target = provider({ limits: [perPeriod('requests', 3, 'min')] });
    expect([0, 0, 0].map(() => target.receive(chat(), START_US).status)).toEqual([200, 200, 200]);
    const refused = target.receive(chat(), START_US);
    expect(refused.status).toBe(429);
    expect(refused.headers).toMatchObject({
      'retry-after': '20',
      'content-type': 'application/json',
      'x-ratelimit-remaining-requests': '0',
    });
    expect(json(refused).error).toEqual({
      message:
        'Rate limit reached for gpt-4o-mini in organization org-quotalab on requests per min (RPM): Limit 3, Used 3, ' +
        'Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn more.',
      type: 'requests',
      param: null,
      code: 'rate_limit_exceeded',
    });
    const late = target.receive(chat(), START_US + 19_999_000);
    expect(json(late).error.message).toContain('Used 3, Requested 1. Please try again in 20s.');
    expect(late.headers['retry-after']).toBe('20');
    expect(target.receive(chat(), START_US + 20 * S).status).toBe(200);
  });

  it.each([
    [
      '18',
      perPeriod('requests', 200, 'day'),
      200,
      1,
      'requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s.',
      '432',
    ],
    [
      '19',
      perPeriod('tokens', 30_000, 'min'),
      14_567,
      24_754,
      'tokens per min (TPM): Limit 30000, Used 14567, Requested 24754. Please try again in 18.642s.',
      '19',
    ],
    ['20', perPeriod('tokens', 30_000, 'min'), 18_928, 11_159, 'Please try again in 174ms.', '1'],
    ['21', perPeriod('tokens', 30_000, 'min'), 28_039, 3906, 'Please try again in 3.89s.', '4'],
    ['22', perPeriod('tokens', 30_000, 'min'), 22_343, 10_955, 'Please try again in 6.596s.', '7'],
    ['23', perPeriod('tokens', 30_000, 'min'), 29_937, 385, 'Please try again in 644ms.', '1'],
    ['24', perPeriod('tokens', 10_000, 'min'), 6701, 4497, 'Please try again in 7.188s.', '8'],
  ])('%s: %#', (_number, limit, used, requested, message, retryAfter) => {
    const reply = refusalOf(limit, used, requested);
    expect(reply.status).toBe(429);
    expect(json(reply).error.message).toContain(message);
    expect(json(reply).error.type).toBe(limit.unit);
    expect(reply.headers['retry-after']).toBe(retryAfter);
  });

  it('25: a request larger than the limit is refused without a wait and not charged', () => {
    const target = provider({ limits: [perPeriod('tokens', 30_000, 'min')] });
    const reply = target.receive(chat({ max_tokens: 61_337 }), START_US);
    const { message, code } = json(reply).error;
    expect(code).toBe('rate_limit_exceeded');
    expect(message).toContain(
      'Request too large for gpt-4o-mini in organization org-quotalab on tokens per min (TPM): Limit 30000, Requested 61337. The input or output tokens must be reduced',
    );
    expect(message).not.toMatch(/Used|Please try again/);
    expect(reply.headers).not.toHaveProperty('retry-after');
    expect(target.buckets(START_US)).toMatchObject([{ remaining: 30_000 }]);
  });

  it('26: the message names the model and its shared pool', () => {
    const pool = perPeriod('requests', 1, 'min', { pool: 'gpt-4.1', models: ['gpt-4.1-2025-04-14'] });
    const message = json(refusalOf(pool, 1, 1)).error?.message;
    expect(message).toBeUndefined();
    const target = provider({ limits: [pool] });
    const send = () => target.receive(chat({ model: 'gpt-4.1-2025-04-14' }), START_US);
    expect(send().status).toBe(200);
    expect(json(send()).error.message).toContain('Rate limit reached for gpt-4.1-2025-04-14 (for limit gpt-4.1) in');
  });

  it('27: an exhausted calendar quota is a billing error', () => {
    const spec = { algorithm: 'calendar-quota', amount: 1, per: 'month', timeZone: 'UTC', resetHour: 0 } as const;
    const target = provider({ limits: [perPeriod('requests', 1, 'min', { spec, name: 'month' })] });
    expect(target.receive(chat(), START_US).status).toBe(200);
    const reply = target.receive(chat(), START_US);
    expect(json(reply).error).toMatchObject({
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      message: expect.stringMatching(/^You exceeded your current quota/),
    });
    expect(reply.headers).not.toHaveProperty('retry-after');
  });

  it.each([
    ['max', { n: 4, max_tokens: 100 }, 400],
    ['sum', { n: 4, max_tokens: 100 }, 401],
    ['max', { messages: [{ role: 'user', content: 'x'.repeat(4000) }] }, 1000],
    ['sum', { messages: [{ role: 'user', content: 'x'.repeat(4000) }] }, 1016],
  ] as const)('32, 33: estimator %s charges %j %d tokens', (estimator, body, charged) => {
    const target = provider({ estimator, limits: [perPeriod('tokens', 10_000, 'min')] });
    target.receive(chat(body), START_US);
    expect(target.buckets(START_US)[0]?.remaining).toBe(10_000 - charged);
    expect(target.receive(chat({ max_tokens: 10_000 }), START_US).status).toBe(429);
  });

  it('34: headers: none leaves only the body', () => {
    const target = provider({ headers: 'none', limits: [perPeriod('requests', 1, 'min')] });
    target.receive(chat(), START_US);
    const { status, headers } = target.receive(chat(), START_US);
    expect(status).toBe(429);
    expect(Object.keys(headers).filter((name) => /ratelimit|retry-after/.test(name))).toEqual([]);
  });

  it('35: two limits: states the longer wait and charges nothing', () => {
    const target = provider({ limits: [perPeriod('requests', 12, 'min'), perPeriod('tokens', 1000, 'min')] });
    for (let n = 0; n < 12; n++) target.receive(chat({ max_tokens: 83 }), START_US);
    const reply = target.receive(chat({ max_tokens: 204 }), START_US);
    expect(json(reply).error).toMatchObject({
      type: 'tokens',
      message: expect.stringContaining('Please try again in 12s.'),
    });
    expect(reply.headers['retry-after']).toBe('12');
    expect(target.buckets(START_US).map(({ remaining }) => remaining)).toEqual([0, 4]);
  });

  it('36: two keys of one organization share its limit', () => {
    const target = provider({ keys: 'any', limits: [perPeriod('requests', 3, 'min')] });
    const statuses = ['a', 'b', 'a', 'b'].map(
      (key) => target.receive(chat({}, { authorization: `Bearer ${key}` }), START_US).status,
    );
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('37: a project limit below its organization limit', () => {
    const limits = [
      perPeriod('requests', 2, 'min', { name: 'project', scope: ['project'] }),
      perPeriod('requests', 3, 'min'),
    ];
    const target = provider({ limits });
    const statuses = ['a', 'a', 'a', 'b', 'b'].map(
      (project) => target.receive(chat({}, { 'openai-project': project }), START_US).status,
    );
    expect(statuses).toEqual([200, 200, 429, 200, 429]);
  });

  it('41: a refused stream is answered with JSON', () => {
    const target = provider({ limits: [perPeriod('requests', 1, 'min')] });
    target.receive(chat(), START_US);
    const reply = target.receive(chat({ stream: true }), START_US);
    expect(reply.status).toBe(429);
    expect(reply.headers['content-type']).toBe('application/json');
  });

  it('http-date: the second in which the wait ends', () => {
    const target = provider({ retryAfter: 'http-date', limits: [perPeriod('requests', 3, 'min')] });
    for (let n = 0; n < 3; n++) target.receive(chat(), START_US);
    const { headers, view } = target.receive(chat(), START_US + 500_000);
    expect(headers['retry-after']).toBe('Thu, 01 Jan 2026 00:00:21 GMT');
    expect(view.retryAfterUs).toBe(20_500_000);
  });
});

describe('58: durations in the provider’s format', () => {
  it.each([
    [0, '0s'],
    [0.0004, '0s'],
    [0.0066, '6ms'],
    [0.174, '174ms'],
    [1, '1s'],
    [3.89, '3.89s'],
    [20, '20s'],
    [60, '1m0s'],
    [90, '1m30s'],
    [360, '6m0s'],
    [432, '7m12s'],
    [3600, '1h0m0s'],
    [83_909.144, '23h18m29.144s'],
  ])('%d s: %s', (seconds, printed) => {
    expect(goDuration(Math.round(seconds * S))).toBe(printed);
  });
});

it('no reply, view or bucket contains the API key', () => {
  const target = provider({ keys: 'any', limits: [perPeriod('requests', 1, 'min', { scope: ['key'] })] });
  const replies = [0, 1].map(() => target.receive(chat(), START_US));
  expect(replies.map(({ status }) => status)).toEqual([200, 429]);
  expect(JSON.stringify([replies, target.buckets(START_US)])).not.toContain(KEY);
});
