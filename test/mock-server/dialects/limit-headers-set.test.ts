import { describe, expect, it } from 'vitest';
import type { Limit } from '../../../mock-server/admission/limit.ts';
import type { RequestContext } from '../../../mock-server/dialects/dialect.ts';
import { DIALECTS } from '../../../mock-server/dialects/dialects.ts';
import type { LimitHeaderSettings } from '../../../mock-server/dialects/set-limit-headers.ts';
import { createMeter } from '../../../mock-server/meter.ts';
import { resolveProvider } from '../../../src/scenario/resolve-provider.ts';
import { chat, json, perPeriod, post, provider, S, START_US, settings } from '../openai-provider.ts';

const SUBJECT = {
  key: 'k',
  organization: 'o',
  project: 'p',
  model: 'm',
  ip: '127.0.0.1',
  userAgent: 'a',
  content: '',
};

const limits = [perPeriod('requests', 5, 'min'), perPeriod('tokens', 1000, 'min')];

const sent = (limitHeaders: LimitHeaderSettings): Record<string, string> => {
  const { headers } = provider({ limits, limitHeaders }).receive(chat(), START_US);
  return Object.fromEntries(Object.entries(headers).filter(([name]) => /ratelimit|^limit/.test(name)));
};

const usual = sent({});

describe('limit headers', () => {
  it('are sent as the provider sends them', () => {
    expect(usual).toMatchObject({ 'x-ratelimit-limit-requests': '5', 'x-ratelimit-reset-requests': '12s' });
  });

  it('are left out one by one', () => {
    const { 'x-ratelimit-remaining-tokens': _, ...others } = usual;
    expect(sent({ 'x-ratelimit-remaining-tokens': 'none' })).toEqual(others);
  });

  it('have other names', () => {
    const { 'x-ratelimit-reset-requests': reset, ...others } = usual;
    expect(sent({ 'x-ratelimit-reset-requests': { as: 'x-ratelimit-reset' } })).toEqual({
      ...others,
      'x-ratelimit-reset': reset,
    });
  });

  it('lie, also about limits that there are not', () => {
    expect(
      sent({
        'x-ratelimit-reset-requests': { literal: '42' },
        'x-ratelimit-remaining-project-tokens': { as: 'limit-left', literal: '-1' },
      }),
    ).toEqual({ ...usual, 'x-ratelimit-reset-requests': '42', 'limit-left': '-1' });
  });

  it('are settings by name', () => {
    const limitHeaders = { 'X-RateLimit-Reset-Requests': 42, 'x-ratelimit-limit-tokens': 'none' } as const;
    expect(resolveProvider({ limitHeaders }, 1).limitHeaders).toEqual({
      'x-ratelimit-reset-requests': { literal: '42' },
      'x-ratelimit-limit-tokens': 'none',
    });
    const literal = { 'x-ratelimit-limit-tokens': { literal: 'none' } };
    expect(resolveProvider({ limitHeaders: literal }, 1).limitHeaders).toEqual(literal);
  });

  it.each([
    ['openai', 'x-ratelimit-reset-request', 'did you mean "x-ratelimit-reset-requests"?'],
    ['anthropic', 'anthropic-ratelimit-request-reset', 'did you mean "anthropic-ratelimit-requests-reset"?'],
    ['gemini', 'x-ratelimit-reset-requests', undefined],
  ] as const)('%s: %s is refused', (dialect, name, hint) => {
    expect(() => resolveProvider({ dialect, limitHeaders: { [name]: 'none' } }, 1)).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ path: expect.stringContaining(name), ...(hint && { hint }) })],
      }),
    );
  });

  it.each(['openai', 'azure', 'anthropic', 'gemini'] as const)(
    '%s sends no header whose name it does not know',
    (name) => {
      const dialect = DIALECTS[name];
      const all: Limit[] = (['requests', 'tokens', 'input-tokens', 'output-tokens'] as const).map((unit) =>
        perPeriod(unit, 5, 'min'),
      );
      const project = perPeriod('tokens', 5, 'min', { name: 'project', scope: ['project'] });
      const tested = settings({ dialect: name, limits: [...all, project], retryAfter: 'none' });
      const meter = createMeter(
        tested,
        dialect,
        () => '',
        () => 0,
      );
      const cost = { requests: 9, tokens: 9, 'input-tokens': 9, 'output-tokens': 9, images: 0, concurrent: 1 };
      const admission = meter.decide(SUBJECT, cost, START_US);
      const context = { nowUs: START_US, settings: tested } as Partial<RequestContext> as RequestContext;
      const names = Object.keys(dialect.limitHeaders(admission, context));
      expect(admission.admit).toBe(false);
      expect(names.sort()).toEqual([...dialect.limitHeaderNames].sort());
    },
  );
});

describe('a limit on growth', () => {
  const spec = { algorithm: 'ramp', floor: 2, growthPercent: 50, windowUs: 60 * S } as const;
  const ramp: Limit = { ...perPeriod('requests', 5, 'min'), name: 'growth', spec };

  it('says to slow down, waits for the next window, and is in no header', () => {
    const tested = provider({ limits: [ramp, perPeriod('requests', 100, 'min')] });
    const replies = [1, 2, 3].map(() => tested.receive(chat(), START_US));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(json(replies[2]!).error).toMatchObject({ type: 'rate_limit_error', code: 'slow_down' });
    expect(replies[2]!.headers).toMatchObject({ 'retry-after': '60', 'x-ratelimit-limit-requests': '100' });
    expect(tested.receive(chat(), START_US + 60 * S).status).toBe(200);
    expect(tested.buckets(START_US + 60 * S)).toContainEqual(
      expect.objectContaining({ limit: 'growth', amount: 3, remaining: 2 }),
    );
  });

  it('says it in the words of Anthropic', () => {
    const tested = provider({ dialect: 'anthropic', limits: [ramp], models: 'any' });
    const body = { model: 'claude', max_tokens: 5, messages: [{ role: 'user', content: 'hello' }] };
    const ask = () => tested.receive(post('/v1/messages', body, { 'anthropic-version': '2023-06-01' }), START_US);
    const [, , third] = [ask(), ask(), ask()];
    expect(third!.status).toBe(429);
    expect(json(third!).error).toMatchObject({
      type: 'rate_limit_error',
      details: { error_code: 'ramp_limit_exceeded' },
    });
    expect(third!.headers['anthropic-ratelimit-requests-limit']).toBeUndefined();
  });
});

it('of two limits of one unit, Anthropic shows the scarcest', () => {
  const day = perPeriod('requests', 3, 'day');
  const tested = provider({ dialect: 'anthropic', limits: [day, perPeriod('requests', 100, 'min')], models: 'any' });
  const body = { model: 'claude', max_tokens: 5, messages: [{ role: 'user', content: 'hello' }] };
  const reply = tested.receive(post('/v1/messages', body, { 'anthropic-version': '2023-06-01' }), START_US);
  expect(reply.headers).toMatchObject({
    'anthropic-ratelimit-requests-limit': '3',
    'anthropic-ratelimit-requests-remaining': '2',
  });
});

describe('what is left at first', () => {
  const limit: Limit = {
    ...perPeriod('requests', 5, 'min'),
    spec: { algorithm: 'fixed-window', amount: 5, windowUs: 60 * S, anchor: 'first-request', initial: 1 },
  };

  it('counts from the start of the run, not from the first request', () => {
    const tested = provider({ limits: [limit] });
    tested.start(START_US);
    const at = (us: number) => tested.receive(chat(), START_US + us).status;
    expect([at(50 * S), at(50 * S), at(60 * S)]).toEqual([200, 429, 200]);
    tested.reset(START_US + 100 * S);
    expect([at(159 * S), at(159 * S), at(160 * S)]).toEqual([200, 429, 200]);
  });

  it('counts from a change of the limits', () => {
    const tested = provider({ limits: [] });
    tested.start(START_US);
    tested.change({ limits: [limit] }, START_US + 30 * S);
    const at = (us: number) => tested.receive(chat(), START_US + us).status;
    expect([at(89 * S), at(89 * S), at(90 * S)]).toEqual([200, 429, 200]);
  });
});

it('a refusal for ever states a wait that is a number, whatever is asked for', () => {
  const spec = { algorithm: 'fixed-window', amount: 0, windowUs: 60 * S, anchor: 'clock' } as const;
  for (const retryAfter of ['next-token', 'slot', 'spread', 'ceil-seconds', 'window-end'] as const) {
    const limits = [{ ...perPeriod('requests', 5, 'min'), spec }];
    const tested = provider({ dialect: 'azure', limits, retryAfter, models: 'any', keys: 'any' });
    const path = '/openai/deployments/gpt/chat/completions?api-version=2024-10-21';
    const body = { messages: [{ role: 'user', content: 'hello' }] };
    const reply = tested.receive(post(path, body, { 'api-key': 'sk-a' }), START_US);
    expect(reply.status).toBe(429);
    expect(Number(reply.headers['retry-after']), retryAfter).toBeGreaterThan(0);
    expect(reply.headers['retry-after']).toMatch(/^\d+$/);
  }
});
