import { expect, it } from 'vitest';
import { describeLimit } from '../../../src/report/describe-limit.ts';
import { parseLimitLine } from '../../../src/scenario/limit-line.ts';

it.each([
  ['requests 5/s', 'requests: 5 requests a second, per organization, token-bucket'],
  ['requests 5/s initial 0', 'requests: 5 requests a second, per organization, token-bucket, 0 left at the start'],
  ['requests 9/week per key', 'requests: 9 requests a week, per key, token-bucket'],
  [
    'tokens 1M/15m algorithm ramp growth 20%',
    'tokens: 1000000 tokens every 15m, or 20 % more than were used in the window before, per organization, ramp',
  ],
  [
    'requests 100/week algorithm calendar-quota zone Europe/Berlin',
    'requests: 100 requests a week, per organization, calendar-quota',
  ],
])('%s', (line, expected) => {
  expect(parseLimitLine(line).map(describeLimit)).toEqual([expected]);
});
