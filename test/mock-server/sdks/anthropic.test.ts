import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { ONE_A_SECOND, serve, WEATHER } from './served.ts';

const ASKED = { model: 'claude-sonnet-5-5', max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] };
const tools = [{ name: WEATHER.name, input_schema: WEATHER.schema as never }];

async function client(settings: Parameters<typeof serve>[0] = {}) {
  const served = await serve({ dialect: 'anthropic', ...settings });
  return { ...served, anthropic: new Anthropic({ baseURL: served.url, apiKey: 'sk-ant-test' }) };
}

describe('@anthropic-ai/sdk', () => {
  it('a message, one that is cut, one that ends at a word', async () => {
    const { anthropic } = await client({ answer: { fixed: 'one two three' } });
    const message = await anthropic.messages.create(ASKED);
    expect(message).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'one two three' }] });
    expect(await anthropic.messages.create({ ...ASKED, max_tokens: 2 })).toMatchObject({
      stop_reason: 'max_tokens',
      usage: { output_tokens: 2 },
    });
    expect(await anthropic.messages.create({ ...ASKED, stop_sequences: ['two'] })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'two',
      content: [{ text: 'one ' }],
    });
  });

  it('a stream, joined by the SDK', async () => {
    const { anthropic } = await client({ answer: { fixed: 'one two three' } });
    const message = await anthropic.messages.stream(ASKED).finalMessage();
    expect(message).toMatchObject({ stop_reason: 'end_turn', content: [{ text: 'one two three' }] });
    expect(message.usage.output_tokens).toBe(3);
  });

  it('a tool call, whole and in a stream; its result is answered in words', async () => {
    const { anthropic } = await client();
    const whole = await anthropic.messages.create({ ...ASKED, tools });
    const streamed = await anthropic.messages.stream({ ...ASKED, tools }).finalMessage();
    for (const message of [whole, streamed]) {
      expect(message).toMatchObject({
        stop_reason: 'tool_use',
        content: [{ type: 'tool_use', name: 'get_weather', input: { city: expect.any(String) } }],
      });
    }
    const [block] = whole.content;
    const messages = [
      ...ASKED.messages,
      { role: 'assistant' as const, content: whole.content },
      {
        role: 'user' as const,
        content: [{ type: 'tool_result' as const, tool_use_id: (block as { id: string }).id, content: 'sunny' }],
      },
    ];
    expect(await anthropic.messages.create({ ...ASKED, messages, tools })).toMatchObject({ stop_reason: 'end_turn' });
  });

  it('counts tokens, and names models', async () => {
    const { anthropic } = await client();
    const { model, messages } = ASKED;
    expect(await anthropic.messages.countTokens({ model, messages })).toEqual({ input_tokens: 1 });
    const names = [];
    for await (const { id } of anthropic.models.list()) names.push(id);
    expect(names).toContain('claude-sonnet-5-5');
  });

  it('waits out a 429, and an overload', async () => {
    const { anthropic, statuses } = await client({
      limits: ONE_A_SECOND,
      faults: [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, first: 1, does: { kind: 'status', status: 529 } }],
    });
    await anthropic.messages.create(ASKED);
    await anthropic.messages.create(ASKED);
    expect(statuses()).toEqual([529, 200, 429, 200]);
  });

  it('knows its errors by their types', async () => {
    const { anthropic } = await client({ keys: ['another'] });
    await expect(anthropic.messages.create(ASKED)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });
});
