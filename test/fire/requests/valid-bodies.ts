import type { DialectName } from '../../../mock-server/dialects/dialects.ts';
import type { Dice } from './wild-values.ts';

/** A request that its provider would answer. */
export interface ValidRequest {
  readonly target: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The schema that the answer's text has to satisfy. */
  readonly schema?: object;
}

const TEXTS = ['hi', 'Write a limerick about queues.', 'é🙂 and "quotes"\n', 'x '.repeat(300), 'Sum up:\tone, two'];
const SCHEMAS = [
  {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 7 } },
    required: ['city', 'days'],
    additionalProperties: false,
  },
  {
    type: 'object',
    properties: {
      tags: { type: 'array', items: { type: 'string', enum: ['a', 'b'] }, minItems: 1 },
      inner: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
    },
    required: ['tags', 'inner'],
  },
] as const;

type Build = (dice: Dice) => ValidRequest;

const maybe = (dice: Dice, share: number, fields: Record<string, unknown>): Record<string, unknown> =>
  dice.chance(share) ? fields : {};
const text = (dice: Dice): string => dice.oneOf(TEXTS);
const model = (dice: Dice): string => dice.oneOf(['gpt-4o-mini', 'gpt-4.1', 'gpt-4o']);

function chat(target: string): Build {
  return (dice) => {
    const schema = dice.chance(0.2) ? dice.oneOf(SCHEMAS) : undefined;
    const tools = [{ type: 'function', function: { name: 'get_weather', parameters: dice.oneOf(SCHEMAS) } }];
    const stream = dice.chance(0.4);
    const body = {
      model: model(dice),
      messages: [
        ...(dice.chance(0.3) ? [{ role: 'system', content: text(dice) }] : []),
        { role: 'user', content: dice.chance(0.2) ? [{ type: 'text', text: text(dice) }] : text(dice) },
      ],
      ...maybe(dice, 0.2, { n: 1 + dice.below(3) }),
      ...maybe(dice, 0.2, { max_completion_tokens: 1 + dice.below(30) }),
      ...maybe(dice, 0.1, { temperature: dice.below(3), top_p: 1, seed: 7, user: 'u' }),
      ...maybe(dice, 0.1, { stop: dice.oneOf(['e', ['time', 'the']]) }),
      ...maybe(dice, 0.1, { logprobs: true }),
      ...(stream && { stream }),
      ...(stream && maybe(dice, 0.5, { stream_options: { include_usage: true } })),
    };
    if (schema) {
      const format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
      return {
        target,
        body: { model: body.model, messages: body.messages, response_format: format, ...(stream && { stream }) },
        schema,
      };
    }
    const choice = dice.oneOf([
      'auto',
      { type: 'function', function: { name: 'get_weather' } },
      { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function' }] } },
    ]);
    return { target, body: { ...body, ...maybe(dice, 0.2, { tools, ...maybe(dice, 0.5, { tool_choice: choice }) }) } };
  };
}

/** Fields that the answer repeats. */
function repeated(dice: Dice): Record<string, unknown> {
  return {
    ...maybe(dice, 0.2, { reasoning: { effort: 'low', summary: 'auto' } }),
    ...maybe(dice, 0.2, { text: { format: { type: 'text' }, verbosity: 'low' } }),
    ...maybe(dice, 0.1, { truncation: 'auto', top_logprobs: dice.below(3), max_tool_calls: 1 + dice.below(3) }),
    ...maybe(dice, 0.1, { user: 'u', metadata: { team: 'a' }, parallel_tool_calls: false, store: false }),
  };
}

const BOOK = { type: 'function', name: 'book', parameters: SCHEMAS[0], strict: true };

function chosenTool(dice: Dice): Record<string, unknown> {
  return {
    tools: [BOOK],
    ...maybe(dice, 0.6, {
      tool_choice: dice.oneOf([
        'required',
        { type: 'function', name: 'book' },
        { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'book' }] },
      ]),
    }),
  };
}

function responses(target: string): Build {
  return (dice) => ({
    target,
    body: {
      model: model(dice),
      input: dice.chance(0.5) ? text(dice) : [{ role: 'user', content: text(dice) }],
      ...maybe(dice, 0.2, { instructions: text(dice) }),
      ...maybe(dice, 0.2, { max_output_tokens: 16 + dice.below(16) }),
      ...repeated(dice),
      ...(dice.chance(0.25) && chosenTool(dice)),
      ...maybe(dice, 0.4, { stream: true }),
    },
  });
}

const embeddings =
  (target: string): Build =>
  (dice) => ({
    target,
    body: {
      model: 'text-embedding-3-small',
      input: dice.chance(0.5) ? text(dice) : [text(dice), text(dice)],
      dimensions: 1 + dice.below(16),
      ...maybe(dice, 0.3, { encoding_format: 'base64' }),
    },
  });

const openai: readonly Build[] = [
  chat('/v1/chat/completions'),
  chat('/v1/chat/completions'),
  responses('/v1/responses'),
  embeddings('/v1/embeddings'),
  (dice) => ({
    target: '/v1/completions',
    body: {
      model: 'gpt-3.5-turbo-instruct',
      prompt: text(dice),
      max_tokens: 1 + dice.below(20),
      stream: dice.chance(0.3),
    },
  }),
  (dice) => ({ target: '/v1/moderations', body: { input: dice.chance(0.5) ? text(dice) : [text(dice)] } }),
  (dice) => ({
    target: '/v1/images/generations',
    body: { model: 'gpt-image-1', prompt: text(dice), n: 1 + dice.below(3) },
  }),
];

const azure: readonly Build[] = [
  chat('/openai/deployments/mine/chat/completions?api-version=2024-10-21'),
  chat('/openai/v1/chat/completions'),
  responses('/openai/v1/responses'),
  embeddings('/openai/deployments/vectors/embeddings?api-version=2024-10-21'),
];

const anthropic: readonly Build[] = [
  (dice) => {
    const schema = dice.chance(0.2) ? dice.oneOf(SCHEMAS) : undefined;
    const stream = maybe(dice, 0.4, { stream: true });
    const messages = [{ role: 'user', content: dice.chance(0.3) ? [{ type: 'text', text: text(dice) }] : text(dice) }];
    const head = { model: 'claude-opus-5-5', messages, ...stream };
    if (schema) {
      const output = { output_config: { format: { type: 'json_schema', schema } } };
      return { target: '/v1/messages', body: { ...head, max_tokens: 4000, ...output }, schema };
    }
    return {
      target: '/v1/messages',
      body: {
        ...head,
        max_tokens: 1 + dice.below(60),
        ...maybe(dice, 0.3, { system: text(dice) }),
        ...maybe(dice, 0.2, {
          tools: [{ name: 'get_weather', input_schema: dice.oneOf(SCHEMAS) }],
          tool_choice: dice.oneOf([{ type: 'any' }, { type: 'tool', name: 'get_weather' }]),
        }),
        ...maybe(dice, 0.1, { stop_sequences: ['time'] }),
      },
    };
  },
  (dice) => ({
    target: '/v1/messages/count_tokens',
    body: { model: 'claude-opus-5-5', messages: [{ role: 'user', content: text(dice) }] },
  }),
];

const gemini: readonly Build[] = [
  (dice) => {
    const schema = dice.chance(0.2) ? dice.oneOf(SCHEMAS) : undefined;
    const method = dice.oneOf(['generateContent', 'streamGenerateContent', 'streamGenerateContent?alt=sse']);
    const contents = [{ ...maybe(dice, 0.7, { role: 'user' }), parts: [{ text: text(dice) }] }];
    const target = `/v1beta/models/gemini-2.5-flash:${method}`;
    if (schema) {
      const config = { responseMimeType: 'application/json', responseJsonSchema: schema };
      return { target, body: { contents, generationConfig: config }, schema };
    }
    const declared = [{ name: 'get_weather', parametersJsonSchema: dice.oneOf(SCHEMAS) }];
    return {
      target,
      body: {
        contents,
        ...maybe(dice, 0.3, { systemInstruction: { parts: [{ text: text(dice) }] } }),
        ...maybe(dice, 0.3, {
          generationConfig: { maxOutputTokens: 1 + dice.below(60), candidateCount: 1 + dice.below(3) },
        }),
        ...maybe(dice, 0.2, {
          tools: [{ functionDeclarations: declared }],
          toolConfig: { functionCallingConfig: { mode: dice.oneOf(['AUTO', 'ANY']) } },
        }),
      },
    };
  },
  (dice) => ({
    target: '/v1beta/models/gemini-2.5-flash:countTokens',
    body: { contents: [{ parts: [{ text: text(dice) }] }] },
  }),
  (dice) => ({
    target: '/v1beta/models/gemini-embedding-001:embedContent',
    body: { content: { parts: [{ text: text(dice) }] }, outputDimensionality: 1 + dice.below(16) },
  }),
];

/** What each dialect answers, one builder per endpoint; the first ones are drawn most often. */
export const VALID: Readonly<Record<DialectName, readonly Build[]>> = { openai, azure, anthropic, gemini };
