import { describe, expect, it } from 'vitest';
import { json, post, provider, START_US } from '../openai-provider.ts';

const FUNCTION = { type: 'function', name: 'book', parameters: {} };
const chat = (choice: unknown) => ({
  target: '/v1/chat/completions',
  body: {
    model: 'gpt-4o',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: FUNCTION }],
    tool_choice: choice,
  },
});
const responses = (more: object) => ({
  target: '/v1/responses',
  body: { model: 'gpt-4o', input: 'hi', tools: [FUNCTION], ...more },
});
const chosen = (choice: unknown) => responses({ tool_choice: choice });

function answerTo({ target, body }: ReturnType<typeof chat | typeof responses>) {
  const reply = provider().receive(post(target, body), START_US);
  return { status: reply.status, body: json(reply) };
}

describe('a choice of tools', () => {
  it.each([
    [chat({}), 'tool_choice.type', 'missing_required_parameter'],
    [chat({ type: 7 }), 'tool_choice.type', 'invalid_type'],
    [chat({ type: 'mcp' }), 'tool_choice.type', 'invalid_value'],
    [chat({ type: 'function' }), 'tool_choice.function', 'missing_required_parameter'],
    [chat({ type: 'function', function: 'book' }), 'tool_choice.function', 'invalid_type'],
    [chat({ type: 'function', function: {} }), 'tool_choice.function.name', 'missing_required_parameter'],
    [chat({ type: 'function', function: { name: 'look' } }), 'tool_choice', null],
    [chat({ type: 'custom', custom: { name: [] } }), 'tool_choice.custom.name', 'invalid_type'],
    [
      chat({ type: 'allowed_tools', allowed_tools: { mode: 'none' } }),
      'tool_choice.allowed_tools.mode',
      'invalid_value',
    ],
    [chat('any'), 'tool_choice', 'invalid_value'],
    [chosen({}), 'tool_choice.type', 'missing_required_parameter'],
    [chosen({ type: 'json_object', schema: 'required' }), 'tool_choice.type', 'invalid_value'],
    [chosen({ type: 'function', name: 'look' }), 'tool_choice', null],
    [chosen({ type: 'mcp' }), 'tool_choice.server_label', 'missing_required_parameter'],
    [chosen({ type: 'allowed_tools', mode: 'auto', tools: ['book'] }), 'tool_choice.tools', 'invalid_type'],
  ])('%j names %s', (request, param, code) => {
    expect(answerTo(request)).toMatchObject({ status: 400, body: { error: { param, code } } });
  });

  it.each([
    chat({ type: 'function', function: { name: 'book' } }),
    chat({ type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [] } }),
    chosen({ type: 'function', name: 'book' }),
    chosen({ type: 'mcp', server_label: 'a' }),
    chosen({ type: 'code_interpreter' }),
    // A tool that is newer than our table.
    responses({ tools: [{ type: 'newest' }], tool_choice: { type: 'newest' } }),
  ])('%j is answered', (request) => {
    expect(answerTo(request).status).toBe(200);
  });

  it.each([
    [{}, "tool_choice: Unable to extract tag using discriminator 'type'"],
    [
      { type: 'function' },
      /^tool_choice: Input tag 'function' found using 'type' does not match any .*: 'any', 'auto'/,
    ],
    [{ type: 'tool' }, 'tool_choice.tool.name: Field required'],
    [{ type: 'tool', name: 'look' }, "tool_choice: Tool 'look' not found in provided tools"],
  ])('anthropic: %j is refused', (choice, message) => {
    const headers = { 'x-api-key': 'k', 'anthropic-version': '2023-06-01' };
    const tools = [{ name: 'book', input_schema: {} }];
    const body = { model: 'm', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }], tools, tool_choice: choice };
    const reply = provider({ dialect: 'anthropic', keys: 'any', models: 'any' }).receive(
      post('/v1/messages', body, headers),
      START_US,
    );
    expect([reply.status, json(reply).error.message]).toEqual([400, expect.stringMatching(message)]);
  });

  it('gemini: an unknown mode is refused', () => {
    const statusOf = (mode: unknown): number => {
      const body = { contents: [{ parts: [{ text: 'hi' }] }], toolConfig: { functionCallingConfig: { mode } } };
      const request = post('/v1beta/models/m:generateContent', body, { 'x-goog-api-key': 'k' });
      return provider({ dialect: 'gemini', keys: 'any', models: 'any' }).receive(request, START_US).status;
    };
    expect([statusOf('ANY'), statusOf('SOME'), statusOf({})]).toEqual([200, 400, 400]);
  });
});

describe('fields that a response repeats', () => {
  it.each([
    [{ reasoning: 'high' }, 'reasoning', 'invalid_type'],
    [{ reasoning: { effort: 'huge' } }, 'reasoning.effort', 'invalid_value'],
    [{ reasoning: { summary: 1 } }, 'reasoning.summary', 'invalid_type'],
    [{ text: { verbosity: 'loud' } }, 'text.verbosity', 'invalid_value'],
    [{ text: { format: { type: 'json_schema', name: 7, schema: {} } } }, 'text.format.name', 'invalid_type'],
    [
      { text: { format: { type: 'json_schema', name: 'a', schema: null } } },
      'text.format.schema',
      'missing_required_parameter',
    ],
    [
      { text: { format: { type: 'json_schema', name: 'a', schema: {}, strict: 'yes' } } },
      'text.format.strict',
      'invalid_type',
    ],
    [{ top_logprobs: 21 }, 'top_logprobs', 'integer_above_max_value'],
    [{ max_tool_calls: 0.5 }, 'max_tool_calls', 'invalid_type'],
    [{ truncation: 'some' }, 'truncation', 'invalid_value'],
    [{ instructions: [] }, 'instructions', 'invalid_type'],
  ])('%j: %s is refused', (more, param, code) => {
    expect(answerTo(responses(more))).toMatchObject({ status: 400, body: { error: { param, code } } });
  });

  it('are as they were sent', () => {
    const more = {
      reasoning: { effort: 'low', summary: 'auto' },
      text: { format: { type: 'text' }, verbosity: 'low' },
      truncation: 'auto',
      max_tool_calls: 3,
      top_logprobs: 2,
      tool_choice: { type: 'function', name: 'book' },
    };
    expect(answerTo(responses(more))).toMatchObject({ status: 200, body: more });
  });
});
