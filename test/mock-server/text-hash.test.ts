import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textHash } from '../../mock-server/text-hash.ts';

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
