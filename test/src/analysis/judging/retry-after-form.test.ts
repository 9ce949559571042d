import { expect, it } from 'vitest';
import { isLegal, retryAfterForm } from '../../../../src/analysis/judging/retry-after-form.ts';
import type { Attempt } from '../../../../src/analysis/run/run-view.ts';
import { strip } from '../strip.ts';

const [, attempt] = strip('a.1 0-10 429');
const DATE = 'Thu, 01 Jan 2026 00:00:04 GMT';

it.each([
  ['0', undefined, 'zero'],
  ['00', undefined, 'zero'],
  ['0.00', undefined, 'zero'],
  ['10', undefined, 'whole seconds'],
  [' 10 ', undefined, 'whole seconds'],
  ['10.0', undefined, 'fraction'],
  ['0.05', undefined, 'fraction'],
  ['12.25', undefined, 'fraction'],
  ['-1', undefined, 'negative'],
  ['-0', undefined, 'negative'],
  ['-12.5', undefined, 'negative'],
  ['-soon', undefined, 'text'],
  ['30s', undefined, 'duration'],
  ['6m0s', undefined, 'duration'],
  ['1.25s', undefined, 'duration'],
  ['250ms', undefined, 'duration'],
  ['in 30s', undefined, 'text'],
  ['30s or so', undefined, 'text'],
  ['30', undefined, 'whole seconds'],
  ['30 and 1.5', undefined, 'text'],
  ['about 1.5', undefined, 'text'],
  ['v1.5', undefined, 'text'],
  ['1.5x', undefined, 'text'],
  ['x0', undefined, 'text'],
  ['0x', undefined, 'text'],
  [DATE, 4_000_000, 'date'],
  [DATE.replace(',', ''), 4_000_000, 'date'],
  [DATE, 0, 'past date'],
  [DATE, undefined, 'text'],
  [`not before ${DATE}`, 4_000_000, 'text'],
  [`${DATE}+1`, 4_000_000, 'text'],
  ['soon', 4_000_000, 'text'],
  ['minus-1', undefined, 'text'],
  ['', undefined, 'text'],
  [undefined, undefined, 'text'],
] as const)('%s, parsed as %s: %s', (raw, parsedUs, form) => {
  const refused = {
    ...attempt,
    ...(raw !== undefined && { retryAfterRaw: raw }),
    ...(parsedUs !== undefined && { retryAfterUs: parsedUs }),
  };
  expect(retryAfterForm(refused as Attempt)).toBe(form);
});

it.each([
  ['whole seconds', true],
  ['fraction', true],
  ['date', true],
  ['zero', true],
  ['past date', false],
  ['negative', false],
  ['duration', false],
  ['text', false],
] as const)('%s must be obeyed: %s', (form, kept) => {
  expect(isLegal(form)).toBe(kept);
});
