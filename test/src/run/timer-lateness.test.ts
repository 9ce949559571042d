import { expect, it } from 'vitest';
import { countLateness } from '../../../src/run/timer-lateness.ts';

it('a timer that is on time is not late', () => {
  const count = countLateness(25);
  expect(count.percentileMs(99)).toBe(0);
  expect(count.add(25, 25.4)).toBe(50);
  expect(count.add(50, 51.9)).toBe(75);
  expect(count.percentileMs(50)).toBe(0);
  expect(count.percentileMs(100)).toBe(1);
});

it('a stall makes everything late that was due during it, by less and less', () => {
  const count = countLateness(25);
  // Due at 25, 50, 75 and 100; all run at 110.
  expect(count.add(25, 110)).toBe(125);
  expect([25, 50, 75, 100].map(count.percentileMs)).toEqual([10, 35, 60, 85]);
});

it('counts what is later than it can count as that late', () => {
  const count = countLateness(25, 100);
  count.add(0, 5000);
  expect(count.percentileMs(99)).toBe(100);
});
