import { describe, expect, it } from 'vitest';
import { createTurnPace } from '../../../src/clock/turn-pace.ts';

/** Takes turns until `isOver`; returns how many it took and the time then. `readsEvery`: the clock is read in each n-th turn. */
function takeTurns(
  isOver: (nowMs: number, turns: number) => boolean,
  readsEvery = Infinity,
): [turns: number, ms: number] {
  const pace = createTurnPace();
  let nowMs = 0;
  let turns = 0;
  while (!isOver(nowMs, turns)) nowMs += pace.next(nowMs, ++turns % readsEvery === 0);
  return [turns, nowMs];
}

describe('the pace of turns of the event loop', () => {
  it('fewer than 1,000 take no time, whether the clock is read or not', () => {
    const turns999 = (_ms: number, turns: number): boolean => turns === 999;
    expect(takeTurns(turns999)).toEqual([999, 0]);
    expect(takeTurns(turns999, 1)).toEqual([999, 0]);
  });

  it('then each turn that reads the clock takes a millisecond: a loop until a time ends at that time', () => {
    expect(takeTurns((ms) => ms >= 60_000, 1)).toEqual([60_999, 60_000]);
    expect(takeTurns((ms) => ms >= 100, 10)[1]).toBe(100);
  });

  it('turns that do not read it take growing steps: an hour passes within 500,000 turns', () => {
    const [turns, ms] = takeTurns((now) => now >= 3_600_000);
    expect(turns).toBeLessThan(500_000);
    expect(ms).toBeLessThan(3_610_000);
    expect(takeTurns((_ms, count) => count === 5000)[1]).toBeLessThan(30);
  });

  it('what is left of a step lasts, when a timer was due within it', () => {
    const pace = createTurnPace();
    while (pace.next(0, true) === 0);
    expect(pace.next(0, true)).toBe(1);
    const steps = Array.from({ length: 3000 }, () => pace.next(0, false)).filter((ms) => ms > 0);
    // Time does not move here: the step offered stays the same.
    expect(new Set(steps)).toEqual(new Set([1]));
    expect(steps.length).toBeGreaterThan(1000);
  });

  it('starts anew when the client stops taking turns', () => {
    const pace = createTurnPace();
    while (pace.next(0, true) === 0);
    pace.reset();
    expect(pace.next(0, true)).toBe(0);
  });
});
