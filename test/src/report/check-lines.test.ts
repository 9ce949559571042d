import { expect, it } from 'vitest';
import type { RowResult } from '../../../src/check/judge-row.ts';
import { checkSummary } from '../../../src/report/terminal/check-lines.ts';

const row = (id: string, status: string, rest: Partial<RowResult> = {}): RowResult => ({
  id,
  situation: `answered ${status} once a call`,
  did: '13 of 25 answered, one try each',
  verdict: 'fail',
  decidedBy: 'treats-overload-as-fatal',
  reason: `12 of 12 calls gave up on ${status}.`,
  act: 'Retry after a growing wait.',
  evidence: [{ call: 2, attempt: 1, number: 1, atUs: 278_000, what: `${status}, no second attempt` }],
  ...rest,
});

const shown = (rows: readonly RowResult[], full = false): string[] =>
  checkSummary(
    { client: './client.ts', dialect: 'openai', seed: 1, time: 'virtual', passed: false, rows },
    { color: false, width: 100, full },
  )
    .split('\n')
    .slice(3);

const ROWS = [
  row('server-error', '500'),
  row('hang', 'nothing', { decidedBy: 'no-deadline', reason: 'It took 35m.', act: 'Set a deadline.' }),
  row('bad-gateway', '502'),
  row('billing', '429', { verdict: 'warn' }),
];

it('says what to change once for the rows that it would mend', () => {
  const lines = shown(ROWS);
  expect(lines[0]).toBe('  ✗ server-error: answered 500 once a call');
  const mend = lines.indexOf('      → Retry after a growing wait.');
  expect(lines[mend - 1]).toBe('  ✗ bad-gateway: 12 of 12 calls gave up on 502.');
  expect(lines.slice(mend + 1).join('\n')).toContain('  ✗ hang: answered nothing once a call');
  // A warning is another matter than a failure.
  expect(lines.filter((line) => line.includes('→ Retry after'))).toHaveLength(2);
});

it('shows every row whole on request', () => {
  const lines = shown(ROWS, true);
  expect(lines.filter((line) => line.includes('13 of 25 answered'))).toHaveLength(4);
  expect(lines.filter((line) => line.includes('→ Retry after'))).toHaveLength(2);
});
