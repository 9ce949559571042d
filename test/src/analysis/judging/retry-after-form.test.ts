import { expect, it } from 'vitest';
import { isLegal, retryAfterForm } from '../../../../src/analysis/judging/retry-after-form.ts';

const DATE = 'Thu, 01 Jan 2026 00:00:04 GMT';

it.each([
  ['0', 0, 'zero'],
  ['00', 0, 'zero'],
  ['0.00', 0, 'zero'],
  ['10', 10, 'whole seconds'],
  [' 10 ', 10, 'whole seconds'],
  ['10.0', 10, 'fraction'],
  ['0.05', 0.05, 'fraction'],
  ['12.25', 12.25, 'fraction'],
  ['+3', 3, 'signed'],
  ['+1.5', 1.5, 'signed'],
  ['-1', 0, 'negative'],
  ['-0', 0, 'negative'],
  ['-12.5', 0, 'negative'],
  ['1767225604', 4, 'epoch'],
  ['30s', 30, 'duration'],
  ['6m0s', 360, 'duration'],
  ['1.25s', 1.25, 'duration'],
  ['250ms', 0.25, 'duration'],
  [DATE, 4, 'date'],
  [DATE.replace(',', ''), 4, 'date'],
  [DATE, 0, 'past date'],
  ['2026-01-01T00:00:04Z', 4, 'date'],
  ...['-soon', 'in 30s', '30s or so', '30 and 1.5', 'about 1.5', 'v1.5', '1.5x', 'x0', '0x', 'soon', 'minus-1', ''].map(
    (raw) => [raw, undefined, 'text'] as const,
  ),
  [`not before ${DATE}`, undefined, 'text'],
  [`${DATE}+1`, undefined, 'text'],
] as const)('%s, which means %s s: %s', (raw, seconds, form) => {
  expect(retryAfterForm('retry-after', raw, seconds === undefined ? undefined : seconds * 1e6)).toBe(form);
});

it.each([
  ['retry-after-ms', '1500', 'milliseconds'],
  ['retry-after-ms', '1500.5', 'milliseconds'],
  ['retry-after-ms', '-5', 'negative'],
  ['retry-info', '60s', 'whole seconds'],
  ['retry-info', '1.5s', 'fraction'],
  ['retry-info', '0s', 'zero'],
  ['retry-info', '-1s', 'negative'],
  ['reset', '6m0s', 'duration'],
] as const)('%s: %s is %s', (source, raw, form) => {
  expect(retryAfterForm(source, raw, form === 'negative' || form === 'zero' ? 0 : 1e6)).toBe(form);
});

it.each([
  ['whole seconds', true],
  ['fraction', true],
  ['date', true],
  ['zero', true],
  ['milliseconds', true],
  ['signed', true],
  ['past date', false],
  ['epoch', false],
  ['negative', false],
  ['duration', true],
  ['text', false],
] as const)('%s must be obeyed: %s', (form, kept) => {
  expect(isLegal(form)).toBe(kept);
});
