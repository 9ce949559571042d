import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProviderSettings } from '../../../../mock-server/settings.ts';
import { json, perPeriod, post, provider, START_US, text } from '../../openai-provider.ts';
import { dataOf, hasPublishedSchema, readPublishedSchema, type SchemaErrors } from './published-schema.ts';

const RUNS = 200;

let schemaErrors: SchemaErrors;

const toolSchema = fc.constantFrom(
  { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  {
    type: 'object',
    properties: { count: { type: 'integer', minimum: 1 }, tags: { type: 'array', items: { type: 'string' } } },
  },
);
const optional = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const content = fc.string({ unit: 'grapheme', maxLength: 60 });
const role = fc.constantFrom('user', 'system', 'developer', 'assistant');
const names = fc.uniqueArray(fc.constantFrom('get_weather', 'book', 'cancel'), { minLength: 1, maxLength: 3 });

const chat = fc.record({
  model: fc.constantFrom('gpt-4o-mini', 'gpt-4o', 'gpt-4.1'),
  messages: fc.array(fc.record({ role, content }), { minLength: 1, maxLength: 4 }),
  n: optional(fc.integer({ min: 1, max: 3 })),
  max_completion_tokens: optional(fc.integer({ min: 1, max: 30 })),
  stop: optional(fc.constantFrom('e', ['time', 'the'])),
  logprobs: optional(fc.constant(true)),
  service_tier: optional(fc.constantFrom('auto', 'flex', 'priority')),
  tools: optional(
    fc
      .tuple(names, toolSchema)
      .map(([list, parameters]) => list.map((name) => ({ type: 'function', function: { name, parameters } }))),
  ),
  parallel_tool_calls: optional(fc.boolean()),
  response_format: optional(
    fc.oneof(
      fc.constant({ type: 'text' }),
      toolSchema.map((schema) => ({ type: 'json_schema', json_schema: { name: 'answer', schema } })),
    ),
  ),
  stream: fc.boolean(),
});

const responses = fc.record({
  model: fc.constantFrom('gpt-4o-mini', 'gpt-5'),
  input: fc.oneof(content, fc.array(fc.record({ role, content }), { minLength: 1, maxLength: 3 })),
  instructions: optional(content),
  max_output_tokens: optional(fc.integer({ min: 1, max: 6 })),
  tools: optional(
    fc
      .tuple(names, toolSchema)
      .map(([list, parameters]) => list.map((name) => ({ type: 'function', name, parameters, strict: true }))),
  ),
  stream: fc.boolean(),
});

const settings: fc.Arbitrary<Partial<ProviderSettings>> = fc.record({
  answer: fc.constantFrom<ProviderSettings['answer']>('lorem', 'echo', { fixed: 'Yes. "No"\n' }),
  answerTokens: fc.integer({ min: 1, max: 20 }),
  seed: fc.nat(),
});

describe.skipIf(!hasPublishedSchema && process.env.CI !== 'true')('the published schema (../shared/data)', () => {
  beforeAll(() => {
    schemaErrors = readPublishedSchema();
  });

  it(`${RUNS} random chat completions, as bodies and as streams`, () => {
    const counts = { whole: 0, stream: 0, tools: 0, refused: 0 };
    fc.assert(
      fc.property(settings, chat, (set, body) => {
        const target = provider({ ...set, limits: [perPeriod('requests', 1, 'min')] });
        const reply = target.receive(post('/v1/chat/completions', body), START_US);
        expect(reply.status, text(reply)).toBe(200);
        if (body.stream) {
          counts.stream++;
          const chunks = dataOf(text(reply));
          for (const chunk of chunks) expect(schemaErrors('CreateChatCompletionStreamResponse', chunk)).toBeUndefined();
        } else {
          counts.whole++;
          expect(schemaErrors('CreateChatCompletionResponse', json(reply))).toBeUndefined();
          if (json(reply).choices[0].message.tool_calls) counts.tools++;
        }
        const refused = target.receive(post('/v1/chat/completions', body), START_US);
        expect(schemaErrors('ErrorResponse', json(refused))).toBeUndefined();
        if (refused.status === 429) counts.refused++;
      }),
      { numRuns: RUNS, seed: 7 },
    );
    expect(counts.refused).toBe(RUNS);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(20);
  });

  it(`${RUNS} random responses, as bodies and as streams`, () => {
    const counts = { whole: 0, stream: 0, incomplete: 0 };
    fc.assert(
      fc.property(settings, responses, (set, body) => {
        const reply = provider(set).receive(post('/v1/responses', body), START_US);
        expect(reply.status, text(reply)).toBe(200);
        if (body.stream) {
          counts.stream++;
          for (const event of dataOf(text(reply))) expect(schemaErrors('ResponseStreamEvent', event)).toBeUndefined();
        } else {
          counts.whole++;
          expect(schemaErrors('Response', json(reply))).toBeUndefined();
          if (json(reply).status === 'incomplete') counts.incomplete++;
        }
      }),
      { numRuns: RUNS, seed: 7 },
    );
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0);
  });

  it(`${RUNS} random completions, embeddings and moderations; the model list`, () => {
    fc.assert(
      fc.property(settings, content, fc.integer({ min: 1, max: 30 }), (set, input, max) => {
        const target = provider(set);
        const send = (path: string, body: object) => target.receive(post(path, body), START_US);
        const completion = send('/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: input, max_tokens: max });
        expect(schemaErrors('CreateCompletionResponse', json(completion))).toBeUndefined();
        const embedding = send('/v1/embeddings', { model: 'text-embedding-3-small', input: [input], dimensions: max });
        expect(json(embedding).data[0].embedding).toHaveLength(max);
        expect(schemaErrors('CreateEmbeddingResponse', json(embedding))).toBeUndefined();
        const moderation = send('/v1/moderations', { input });
        expect(schemaErrors('CreateModerationResponse', json(moderation))).toBeUndefined();
      }),
      { numRuns: RUNS, seed: 7 },
    );
    const models = provider().receive({ ...post('/v1/models', ''), method: 'GET' }, START_US);
    expect(schemaErrors('ListModelsResponse', json(models))).toBeUndefined();
  });
});
