import { expect, it } from 'vitest';
import { indented, wrap } from '../../../../src/report/terminal/wrap.ts';

it.each([
  ['a number and its unit', '3.4 in the worst 10 s, from 53s on.', 20, ['3.4 in the worst', '10 s, from 53s on.']],
  ['a sign and its number', 'call_failed 7.14% (< 1%)', 21, ['call_failed 7.14%', '(< 1%)']],
  ['other words', 'ten seeds say so', 9, ['ten seeds', 'say so']],
])('breaks lines, and keeps together: %s', (_what, text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

it('further lines stand under the first word, behind the mark', () => {
  expect(indented('retry later than before', 18, 4, '→ ')).toEqual(['    → retry later', '      than before']);
});
