import { expect, it } from 'vitest';
import { chat, json, KEY, provider, S, START_US } from '../openai-provider.ts';

const ONE_PER_SECOND = {
  name: 'requests',
  scope: ['organization'],
  unit: 'requests',
  spec: { algorithm: 'token-bucket', capacity: 2, refill: { amount: 1, periodUs: S } },
  chargeRejected: 'none',
} as const;

const toAnthropic = {
  method: 'POST',
  target: '/v1/messages',
  headers: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
  body: '{"model":"claude-sonnet-4-5","max_tokens":8,"messages":[{"role":"user","content":"hi"}]}',
  ip: '127.0.0.1',
};
const toGemini = {
  method: 'POST',
  target: '/v1beta/models/gemini-2.5-flash:generateContent',
  headers: { 'x-goog-api-key': KEY, 'content-type': 'application/json' },
  body: '{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}',
  ip: '127.0.0.1',
};

it('a provider with several dialects has one quota and refuses each client in its dialect', () => {
  const openai = provider({ limits: [ONE_PER_SECOND] });
  const anthropic = openai.withDialect('anthropic');
  const gemini = anthropic.withDialect('gemini');
  const replies = [
    openai.receive(chat(), START_US),
    anthropic.receive(toAnthropic, START_US),
    openai.receive(chat(), START_US),
    anthropic.receive(toAnthropic, START_US),
    gemini.receive(toGemini, START_US),
  ];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 429, 429, 429]);
  expect(json(replies[1]!)).toMatchObject({ type: 'message' });
  expect(json(replies[2]!).error).toMatchObject({ code: 'rate_limit_exceeded' });
  expect(json(replies[3]!)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
  expect(json(replies[4]!).error).toMatchObject({ status: 'RESOURCE_EXHAUSTED' });
  expect(replies.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
  expect(new Set(replies.flatMap(({ view }) => view.limits.map(({ bucket }) => bucket))).size).toBe(1);
  expect(openai.buckets(START_US)).toEqual(gemini.buckets(START_US));
});

it('faults count the requests of all dialects', () => {
  const once = {
    fromUs: 0,
    untilUs: Number.MAX_SAFE_INTEGER,
    first: 2,
    does: { kind: 'status', status: 503 },
  } as const;
  const openai = provider({ faults: [once] });
  const anthropic = openai.withDialect('anthropic');
  const replies = [
    anthropic.receive(toAnthropic, START_US),
    openai.receive(chat(), START_US),
    anthropic.receive(toAnthropic, START_US),
  ];
  expect(replies.map(({ status }) => status)).toEqual([503, 503, 200]);
});
