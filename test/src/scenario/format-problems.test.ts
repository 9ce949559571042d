import { expect, it } from 'vitest';
import { QuotaLabError } from '../../../mock-server/error.ts';
import { formatError } from '../../../src/scenario/format-problems.ts';

const HINT = 'Node runs no decorators: compile it';
const problems = [
  { path: 'client.module', message: 'SyntaxError', hint: HINT },
  { path: '', message: 'unknown key', hint: 'did you mean "seed"?', file: 'a.yaml', line: 4 },
];

it('a line for each problem, with place and hint', () => {
  expect(formatError(new QuotaLabError('client/import-failed', 'no import', { problems }))).toBe(
    `no import (client/import-failed)\n  client.module: SyntaxError (${HINT})\n  a.yaml:4  unknown key (did you mean "seed"?)`,
  );
});

it('a hint that the first line gives is not repeated', () => {
  const error = new QuotaLabError('client/import-failed', `no import: ${HINT}`, { problems: problems.slice(0, 1) });
  expect(formatError(error)).toBe(`no import: ${HINT} (client/import-failed)\n  client.module: SyntaxError`);
});
