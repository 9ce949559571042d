import { expect, it } from 'vitest';
import { simHash, toHex } from '../../../mock-server/similarity/simhash.ts';
import { wordsHash } from '../../../mock-server/similarity/words-hash.ts';

it.each([
  ['case', 'Say hello', 'say HELLO'],
  ['spaces around', 'say hello', '  say hello\n'],
  ['spaces between', 'say hello', 'say \t hello'],
  ['punctuation', 'say hello', 'say: "hello"!'],
])('is equal for texts with the same words: %s', (_name, one, other) => {
  expect(wordsHash(one)).toMatch(/^[0-9a-f]{16}$/);
  expect(wordsHash(one)).toBe(wordsHash(other));
});

it.each([
  ['another order', 'say hello', 'hello say'],
  ['another split', 'say hello', 'sayhello'],
  ['one more', 'say hello', 'say hello hello'],
  ['none', 'say', ''],
  ['other letters', 'größe', 'grösse'],
])('differs for other words: %s', (_name, one, other) => {
  expect(wordsHash(one)).not.toBe(wordsHash(other));
});

it('differs if one word in hundreds changes, unlike a SimHash', () => {
  const long = Array.from({ length: 300 }, (_, index) => `word${index % 97}`).join(' ');
  const texts = Array.from({ length: 1000 }, (_, id) => `${long} ${id}`);
  expect(new Set(texts.map((text) => toHex(simHash(text)))).size).toBeLessThan(100);
  expect(new Set(texts.map(wordsHash)).size).toBe(1000);
});
