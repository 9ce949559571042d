import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ProviderSettings } from '../../../../mock-server/settings.ts';
import { json, perPeriod, post, provider, START_US, text } from '../../openai-provider.ts';

/** The published schema, cut down; it is not part of the repository. */
const file = fileURLToPath(new URL('../../../../../shared/data/openai-openapi-subset.json', import.meta.url));
const there = existsSync(file);
const RUNS = 200;

let ajv: Ajv2020;
const checks = new Map<string, ValidateFunction>();

/** What is wrong with a value by one of the schema's own definitions. */
function wrongWith(name: string, value: unknown): string | undefined {
  let check = checks.get(name);
  if (!check) {
    check = ajv.compile({ $ref: `openai#/components/schemas/${name}` });
    checks.set(name, check);
  }
  return check(value) ? undefined : `${ajv.errorsText(check.errors)}\n${JSON.stringify(value, null, 1).slice(0, 2000)}`;
}

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

/** OpenAPI's older `nullable`, which stands beside anything, as the JSON schema that it means. */
function withNulls(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withNulls);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { nullable, ...rest } = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withNulls(value)]),
  );
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

/** Every JSON text of a stream's data lines. */
function dataOf(stream: string): unknown[] {
  return stream
    .split('\n')
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice(6)));
}

describe.skipIf(!there && process.env.CI !== 'true')('the published schema (../shared/data)', () => {
  beforeAll(() => {
    const document = JSON.parse(readFileSync(file, 'utf8')) as object;
    ajv = new Ajv2020({ strict: false, allErrors: false, discriminator: false });
    (addFormats as unknown as (to: Ajv2020) => void)(ajv);
    ajv.addFormat('unixtime', { type: 'number', validate: Number.isInteger });
    ajv.addSchema(withNulls(document) as object, 'openai');
  });

  it(`${RUNS} random chat completions, whole and as streams`, () => {
    const seen = { whole: 0, stream: 0, tools: 0, refused: 0 };
    fc.assert(
      fc.property(settings, chat, (set, body) => {
        const tested = provider({ ...set, limits: [perPeriod('requests', 1, 'min')] });
        const reply = tested.receive(post('/v1/chat/completions', body), START_US);
        expect(reply.status, text(reply)).toBe(200);
        if (body.stream) {
          seen.stream++;
          const chunks = dataOf(text(reply));
          for (const chunk of chunks) expect(wrongWith('CreateChatCompletionStreamResponse', chunk)).toBeUndefined();
        } else {
          seen.whole++;
          expect(wrongWith('CreateChatCompletionResponse', json(reply))).toBeUndefined();
          if (json(reply).choices[0].message.tool_calls) seen.tools++;
        }
        const refused = tested.receive(post('/v1/chat/completions', body), START_US);
        expect(wrongWith('ErrorResponse', json(refused))).toBeUndefined();
        if (refused.status === 429) seen.refused++;
      }),
      { numRuns: RUNS, seed: 7 },
    );
    expect(seen.refused).toBe(RUNS);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });

  it(`${RUNS} random responses, whole and as streams`, () => {
    const seen = { whole: 0, stream: 0, incomplete: 0 };
    fc.assert(
      fc.property(settings, responses, (set, body) => {
        const reply = provider(set).receive(post('/v1/responses', body), START_US);
        expect(reply.status, text(reply)).toBe(200);
        if (body.stream) {
          seen.stream++;
          for (const event of dataOf(text(reply))) expect(wrongWith('ResponseStreamEvent', event)).toBeUndefined();
        } else {
          seen.whole++;
          expect(wrongWith('Response', json(reply))).toBeUndefined();
          if (json(reply).status === 'incomplete') seen.incomplete++;
        }
      }),
      { numRuns: RUNS, seed: 7 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(0);
  });

  it(`${RUNS} random others: completions, embeddings, moderations; and the models`, () => {
    fc.assert(
      fc.property(settings, content, fc.integer({ min: 1, max: 30 }), (set, input, most) => {
        const tested = provider(set);
        const ask = (path: string, body: object) => tested.receive(post(path, body), START_US);
        const completion = ask('/v1/completions', { model: 'gpt-3.5-turbo-instruct', prompt: input, max_tokens: most });
        expect(wrongWith('CreateCompletionResponse', json(completion))).toBeUndefined();
        const embedding = ask('/v1/embeddings', { model: 'text-embedding-3-small', input: [input], dimensions: most });
        expect(json(embedding).data[0].embedding).toHaveLength(most);
        expect(wrongWith('CreateEmbeddingResponse', json(embedding))).toBeUndefined();
        const moderation = ask('/v1/moderations', { input });
        expect(wrongWith('CreateModerationResponse', json(moderation))).toBeUndefined();
      }),
      { numRuns: RUNS, seed: 7 },
    );
    const models = provider().receive({ ...post('/v1/models', ''), method: 'GET' }, START_US);
    expect(wrongWith('ListModelsResponse', json(models))).toBeUndefined();
  });
});
