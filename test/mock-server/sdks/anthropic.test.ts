import Anthropic from '@anthropic-ai/sdk';
import { describe, expect, it } from 'vitest';
import { ONE_PER_SECOND, serve, WEATHER } from './serve.ts';

const REQUEST = { model: 'claude-sonnet-5-5', max_tokens: 50, messages: [{ role: 'user' as const, content: 'hi' }] };
const tools = [{ name: WEATHER.name, input_schema: WEATHER.schema as never }];

async function client(settings: Parameters<typeof serve>[0] = {}) {
  const served = await serve({ dialect: 'anthropic', ...settings });
  return { ...served, anthropic: new Anthropic({ baseURL: served.url, apiKey: 'sk-ant-test' }) };
}

describe('@anthropic-ai/sdk', () => {
  it('message, cut at max_tokens, ended by a stop sequence', async () => {
    const { anthropic } = await client({ answer: { fixed: 'one two three' } });
    const message = await anthropic.messages.create(REQUEST);
    expect(message).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'one two three' }] });
    expect(await anthropic.messages.create({ ...REQUEST, max_tokens: 2 })).toMatchObject({
      stop_reason: 'max_tokens',
      usage: { output_tokens: 2 },
    });
    expect(await anthropic.messages.create({ ...REQUEST, stop_sequences: ['two'] })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'two',
      content: [{ text: 'one ' }],
    });
  });

  it('stream, joined by the SDK', async () => {
    const { anthropic } = await client({ answer: { fixed: 'one two three' } });
    const message = await anthropic.messages.stream(REQUEST).finalMessage();
    expect(message).toMatchObject({ stop_reason: 'end_turn', content: [{ text: 'one two three' }] });
    expect(message.usage.output_tokens).toBe(3);
  });

  it('tool call, as a body and as a stream; its result is answered with text', async () => {
    const { anthropic } = await client();
    const whole = await anthropic.messages.create({ ...REQUEST, tools });
    const streamed = await anthropic.messages.stream({ ...REQUEST, tools }).finalMessage();
    for (const message of [whole, streamed]) {
      expect(message).toMatchObject({
        stop_reason: 'tool_use',
        content: [{ type: 'tool_use', name: 'get_weather', input: { city: expect.any(String) } }],
      });
    }
    const [block] = whole.content;
    const messages = [
      ...REQUEST.messages,
      { role: 'assistant' as const, content: whole.content },
      {
        role: 'user' as const,
        content: [{ type: 'tool_result' as const, tool_use_id: (block as { id: string }).id, content: 'sunny' }],
      },
    ];
    expect(await anthropic.messages.create({ ...REQUEST, messages, tools })).toMatchObject({ stop_reason: 'end_turn' });
  });

  it('counts tokens and lists models', async () => {
    const { anthropic } = await client();
    const { model, messages } = REQUEST;
    expect(await anthropic.messages.countTokens({ model, messages })).toEqual({ input_tokens: 1 });
    const names = [];
    for await (const { id } of anthropic.models.list()) names.push(id);
    expect(names).toContain('claude-sonnet-5-5');
  });

  it('retries a 429 and an overload', async () => {
    const { anthropic, statuses } = await client({
      limits: ONE_PER_SECOND,
      faults: [{ fromUs: 0, untilUs: Number.MAX_SAFE_INTEGER, first: 1, does: { kind: 'status', status: 529 } }],
    });
    await anthropic.messages.create(REQUEST);
    await anthropic.messages.create(REQUEST);
    expect(statuses()).toEqual([529, 200, 429, 200]);
  });

  it('maps errors to its classes', async () => {
    const { anthropic } = await client({ keys: ['another'] });
    await expect(anthropic.messages.create(REQUEST)).rejects.toBeInstanceOf(Anthropic.AuthenticationError);
  });
});
