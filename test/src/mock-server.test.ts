import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { createMockServer, type DialectName, type MockServer, QuotaLabError } from '../../src/mock-server.ts';

const FAST = { latency: { firstToken: 0, perToken: 0 } } as const;
const messages = [{ role: 'user' as const, content: 'hi' }];

/** Sends a chat request and returns its status. */
async function chat(server: MockServer): Promise<number> {
  const response = await fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer any' },
    body: JSON.stringify({ model: 'gpt-4o', messages }),
  });
  await response.text();
  return response.status;
}

describe('createMockServer', () => {
  it('answers the openai SDK until its limit is used up, and counts what it refused', async () => {
    await using server = await createMockServer({ ...FAST, limits: ['requests 2/min burst 2'], dialect: 'openai' });
    const openai = new OpenAI({ baseURL: server.url, apiKey: 'any', maxRetries: 0 });
    const ask = () => openai.chat.completions.create({ model: 'gpt-4o', messages });
    expect((await ask()).choices[0]?.message.content).toMatch(/\w/);
    await ask();
    await expect(ask()).rejects.toMatchObject({ status: 429 });
    expect(server.stats()).toMatchObject({
      requests: 3,
      refused: 1,
      refusedBy: { requests: 1 },
      byStatus: { 200: 2, 429: 1 },
      buckets: [expect.objectContaining({ limit: 'requests', amount: 2, remaining: 0 })],
    });
  });

  it('has full buckets and no counts after a reset', async () => {
    await using server = await createMockServer({ ...FAST, limits: ['requests 1/min'] });
    expect([await chat(server), await chat(server)]).toEqual([200, 429]);
    server.reset();
    expect(server.stats().requests).toBe(0);
    expect(await chat(server)).toBe(200);
  });

  it('changes limits and faults while it runs', async () => {
    await using server = await createMockServer(FAST);
    expect(await chat(server)).toBe(200);
    server.change({ faults: [{ status: 503 }] });
    expect(await chat(server)).toBe(503);
    server.change({ faults: [], limits: ['requests 1/min'] });
    expect([await chat(server), await chat(server)]).toEqual([200, 429]);
  });

  it('gives each SDK its base URL and variables', async () => {
    await using server = await createMockServer({ ...FAST, dialect: 'anthropic' });
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect(server.env).toMatchObject({ ANTHROPIC_BASE_URL: server.url, OPENAI_BASE_URL: `${server.url}/v1` });
    const anthropic = new Anthropic({ baseURL: server.url, apiKey: 'any' });
    const { content } = await anthropic.messages.create({ model: 'claude-sonnet-4-5', max_tokens: 20, messages });
    expect(content[0]).toMatchObject({ type: 'text' });
  });

  it('takes limits by line, by profile and as in a scenario', async () => {
    await using server = await createMockServer({
      ...FAST,
      limits: ['openai/tier-1/gpt-4o', 'concurrent 8', { name: 'own', refill: '5/s' }],
    });
    expect(await chat(server)).toBe(200);
    expect(server.stats().buckets.map(({ limit }) => limit)).toEqual(expect.arrayContaining(['concurrent', 'own']));
  });

  it('names every problem of its options', async () => {
    const options = { limits: ['requests 5/fortnight', 'nothing'], dialect: 'klingon' as DialectName };
    const error = await createMockServer(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QuotaLabError);
    const { code, problems } = error as QuotaLabError;
    expect(code).toBe('scenario/invalid');
    expect(problems.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['dialect', 'limits[0].refill', 'limits[1]']),
    );
  });

  it('is typed', () => {
    expectTypeOf<DialectName>().toEqualTypeOf<'openai' | 'azure' | 'anthropic' | 'gemini'>();
    expectTypeOf<MockServer['url']>().toEqualTypeOf<string>();
    expectTypeOf<{ dialect: 'klingon' }>().not.toExtend<Parameters<typeof createMockServer>[0]>();
  });
});
