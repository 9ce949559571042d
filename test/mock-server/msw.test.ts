import Anthropic from '@anthropic-ai/sdk';
import axios from 'axios';
import { setupServer } from 'msw/node';
import OpenAI from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../../mock-server/exchange.ts';
import { handlers } from '../../mock-server/msw.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { HI, KEY, perPeriod, provider } from './openai-provider.ts';

const open: { close(): void }[] = [];
afterEach(() => {
  vi.useRealTimers();
  for (const server of open.splice(0)) server.close();
});

/** An msw setup as in a user's tests, with this provider's handlers. */
function setUp(settings: Partial<ProviderSettings> = {}, origin?: string) {
  const exchanges: Exchange[] = [];
  const instant = { firstToken: { fixedUs: 0 }, perToken: { fixedUs: 0 } };
  const tested = provider({ latency: instant, keys: 'any', ...settings });
  const options = { onExchange: (one: Exchange) => exchanges.push(one), ...(origin !== undefined && { origin }) };
  const server = setupServer(...handlers(tested, options));
  server.listen({ onUnhandledFrame: 'error' });
  open.push(server);
  return { exchanges, statuses: () => exchanges.map(({ view }) => view.status) };
}

const request = { model: HI.model, messages: [{ role: 'user' as const, content: 'hi' }] };

describe('handlers for msw', () => {
  it('answer an unconfigured SDK at the real address, with JSON and a stream', async () => {
    const { exchanges } = setUp({ answer: { fixed: 'one two three' } });
    const openai = new OpenAI({ apiKey: KEY });
    expect((await openai.chat.completions.create(request)).choices[0]?.message.content).toBe('one two three');
    const stream = openai.chat.completions.stream(request);
    expect((await stream.finalChatCompletion()).choices[0]?.message.content).toBe('one two three');
    expect(exchanges).toMatchObject([{ outcome: 'response' }, { outcome: 'response', view: { stream: true } }]);
  });

  it('answer a node:http client, and another dialect', async () => {
    setUp({ answer: { fixed: 'yes' } });
    const { data } = await axios.post('https://api.openai.com/v1/chat/completions', request, {
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(data.choices[0].message.content).toBe('yes');
    open.pop()!.close();
    setUp({ dialect: 'anthropic', answer: { fixed: 'oui' } });
    const anthropic = new Anthropic({ apiKey: 'k' });
    const { content } = await anthropic.messages.create({ ...request, model: 'claude-opus-5-5', max_tokens: 9 });
    expect(content).toMatchObject([{ text: 'oui' }]);
  });

  it('apply limits; fake timers control the waits of client and provider', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const { statuses } = setUp({ limits: [perPeriod('requests', 1, 'min')] });
    const openai = new OpenAI({ apiKey: KEY, maxRetries: 1 });
    const both = Promise.all([openai.chat.completions.create(request), openai.chat.completions.create(request)]);
    // Skip a minute.
    for (let second = 0; second < 70; second++) await vi.advanceTimersByTimeAsync(1000);
    await both;
    expect(statuses()).toEqual([200, 429, 200]);
  });

  it('turn a connection reset into a network error', async () => {
    const faults: ProviderSettings['faults'] = [
      { fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, first: 1, does: { kind: 'reset' } },
    ];
    const { statuses } = setUp({ faults });
    const openai = new OpenAI({ apiKey: KEY, maxRetries: 1 });
    await openai.chat.completions.create(request);
    expect(statuses()).toEqual([0, 200]);
  });

  it('answer at the address of a gateway', async () => {
    const { statuses } = setUp({}, 'https://llm.example.com/openai');
    const openai = new OpenAI({ apiKey: KEY, baseURL: 'https://llm.example.com/openai/v1' });
    await openai.chat.completions.create(request);
    expect(statuses()).toEqual([200]);
  });
});
