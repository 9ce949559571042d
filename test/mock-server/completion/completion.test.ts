import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generateJson } from '../../../mock-server/completion/schema-value.ts';
import { lorem } from '../../../mock-server/completion/text.ts';
import { loadTokenizer } from '../../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../../mock-server/provider.ts';
import { randomFor } from '../../../mock-server/random.ts';
import { chat, json, perPeriod, START_US, settings, shortHash } from '../openai-provider.ts';

describe('a real tokenizer', () => {
  it.each(['o200k_base', 'cl100k_base'] as const)('%s: splits a text into one piece per token', async (tokenizer) => {
    const counter = await loadTokenizer({ tokenizer });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const pieces = counter.split(text);
        expect(pieces.join('')).toBe(text);
        expect(pieces).toHaveLength(counter.count(text));
      }),
    );
    expect(counter.count('<|endoftext|> is text here')).toBeGreaterThan(3);
  });

  it('counts lorem as one token per word', async () => {
    const counter = await loadTokenizer({ tokenizer: 'o200k_base' });
    for (let seed = 0; seed < 200; seed++) {
      const text = lorem(40, Infinity, randomFor(seed, 'text'));
      expect(counter.count(text.text)).toBe(text.tokens);
    }
  });

  it('reports and settles the exact usage', async () => {
    const limits = [perPeriod('tokens', 1000, 'min', { settle: 'full' })];
    const set = settings({ tokenizer: 'o200k_base', limits, answer: { fixed: 'Hello there' } });
    const tested = createProvider(set, shortHash, await loadTokenizer(set));
    const reply = tested.receive(chat({ max_tokens: 500 }), START_US);
    // One token of text, four of message framing, three that start the answer.
    expect(json(reply).usage).toMatchObject({ prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 });
    expect(tested.buckets(START_US)[0]?.remaining).toBe(500);
    tested.finish(reply.id, START_US);
    expect(tested.buckets(START_US)[0]?.remaining).toBe(990);
  });
});

describe('an answer that satisfies a schema', () => {
  const leaf = fc.oneof(
    fc.record({ type: fc.constant('string') }),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(9), maxLength: fc.integer({ min: 9, max: 20 }) }),
    fc.record({ type: fc.constant('string'), format: fc.constantFrom('date-time', 'email', 'uuid', 'date') }),
    fc.record({
      type: fc.constant('integer'),
      minimum: fc.integer({ min: -9, max: 0 }),
      maximum: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ type: fc.constantFrom('number', 'boolean', 'null') }),
    fc.record({ enum: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 4 }) }),
    fc.record({ const: fc.oneof(fc.string(), fc.integer()) }),
  );
  const schemas = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.record({
        type: fc.constant('array'),
        items: tie('any'),
        minItems: fc.nat(2),
        maxItems: fc.integer({ min: 2, max: 4 }),
      }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('any'), { minKeys: 1 }).map((properties) => ({
        type: 'object',
        properties,
        required: Object.keys(properties),
        additionalProperties: false,
      })),
      fc.array(tie('any'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    ),
  })).any as fc.Arbitrary<object>;

  it('is valid for any schema, and the same for the same seed', () => {
    const ajv = new Ajv2020({ strict: false });
    (addFormats as unknown as (to: Ajv2020) => void)(ajv);
    fc.assert(
      fc.property(schemas, fc.nat(), (schema, seed) => {
        const text = generateJson(schema, randomFor(seed, 'schema'))!;
        expect(ajv.validate(schema, JSON.parse(text)), `${JSON.stringify(schema)}\n${text}`).toBe(true);
        expect(generateJson(schema, randomFor(seed, 'schema'))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a schema with an external reference', { $ref: 'https://example.com/schema' }],
    ['a schema with a minimum that is too large', { type: 'array', items: {}, minItems: 1e9 }],
    ['a schema of an unknown type', { type: 'colour' }],
  ])('%s gives undefined', (_name, schema) => {
    expect(generateJson(schema, () => 0)).toBeUndefined();
  });
});
