import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textHash, tieBreak } from '../../mock-server/hash.ts';
import { randomFor } from '../../mock-server/random.ts';
import { simHash, toHex } from '../../mock-server/similarity/simhash.ts';
import { wordsHash } from '../../mock-server/similarity/words-hash.ts';

it('gives the same 16 hex digits for a text on every machine', () => {
  expect(textHash('POST /v1/chat/completions\n{}')).toMatch(/^[0-9a-f]{16}$/);
  expect([textHash(''), textHash('a'), textHash('b'), textHash('ab'), textHash('ba')]).toEqual([
    '640f53bed2bc2b06',
    '0ddcba8b58fc8be0',
    'd1fe0a2ca6f96550',
    'bffd8122a8f0ccd3',
    '3d0d9badf508bfba',
  ]);
});

/** Journals and seeds depend on these values. */
it.each([
  ['', '640f53bed2bc2b06', '640f53bed2bc2b06', 'bc29dc899333e5a0'],
  ['a', '0ddcba8b58fc8be0', '1bfa151f49804b00', '5990334d8de3ff01'],
  ['Say hello to the world.', '67e444303e7671ac', 'f739ee7e08e0d1e5', 'a271a4b28d59462f'],
  ['日本語の質問 ✓', '151c92d949af798d', 'c96663c3814339aa', 'af7dca1f6ab5f45f'],
  [
    'the quick brown fox jumps over the lazy dog '.repeat(20),
    '43e81847e22dd672',
    '8e70ee79e262d823',
    'fec872c093cbaeb6',
  ],
])('%#: the hashes of "%s" never change', (text, ofText, ofWords, similarity) => {
  expect([textHash(text), wordsHash(text), toHex(simHash(text))]).toEqual([ofText, ofWords, similarity]);
});

it('the first number of a stream never changes', () => {
  expect(randomFor(1, 'client:1')()).toBe(0.38279914879240096);
  expect(randomFor(1, 'client:2')()).toBe(0.5330180951859802);
  expect(randomFor(0, '')()).toBe(0.3310778113082051);
  expect(randomFor(4294967295, 'arrivals')()).toBe(0.7070700223557651);
  expect(randomFor(7, '日本 ✓😀')()).toBe(0.6390851638279855);
});

it('the order within one instant never changes', () => {
  expect(tieBreak(1, 0, 1)).toBe(2048708406);
  expect(tieBreak(1, 1.7e15, 2)).toBe(3870556719);
  expect(tieBreak(99, 123456789, 4294967296)).toBe(2595474069);
  expect(tieBreak(0, 5e9, -1)).toBe(1950783719);
});

it('differs for bodies that differ in one digit', () => {
  const bodies = Array.from({ length: 200_000 }, (_, id) => `{"messages":[{"content":"user ${id}"}]}`);
  expect(new Set(bodies.map(textHash)).size).toBe(bodies.length);
});

it('differs for different texts', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => (a === b) === (textHash(a) === textHash(b))),
    { numRuns: 5000 },
  );
});
