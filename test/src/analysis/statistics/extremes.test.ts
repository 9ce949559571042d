import { expect, it } from 'vitest';
import { largest, smallest } from '../../../../src/analysis/statistics/extremes.ts';

it('the extremes of a list as long as a run of a week', () => {
  const values = Array.from({ length: 600_000 }, (_, n) => (n * 7919) % 600_011);
  expect(() => Math.max(...values)).toThrow(RangeError);
  expect([largest(values), smallest(values)]).toEqual([600_010, 0]);
  expect([largest([]), smallest([])]).toEqual([-Infinity, Infinity]);
});
