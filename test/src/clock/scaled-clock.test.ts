import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../../src/clock/clock.ts';
import { type ClockReading, findSyncPoint, isRunningAt, scaledClock } from '../../../src/clock/scaled-clock.ts';

/** A machine clock set by the test; it records sleeps and returns at once. */
function manualClock(): Clock & { us: number; sleptUntil: number[] } {
  const clock = {
    us: 0,
    sleptUntil: [] as number[],
    resolutionUs: 1,
    nowUs: () => clock.us,
    sleepUntil: async (atUs: number) => void clock.sleptUntil.push(atUs),
  };
  return clock;
}

describe('a clock that runs k times as fast', () => {
  it('agrees at the sync point and gains k - 1 microseconds per microsecond', () => {
    const machine = manualClock();
    const clock = scaledClock(machine, 60, { machineUs: 1000, scaledUs: 5_000_000 });
    const shown = [1000, 1001, 1_001_000, 0].map((us) => {
      machine.us = us;
      return clock.nowUs();
    });
    expect(shown).toEqual([5_000_000, 5_000_060, 65_000_000, 4_940_000]);
  });

  it('sleeps a k-th as long, rounded up to whole microseconds of the machine', async () => {
    const machine = manualClock();
    const clock = scaledClock(machine, 60, { machineUs: 1000, scaledUs: 0 });
    for (const atUs of [60_000_000, 60_000_001, 60]) await clock.sleepUntil(atUs);
    expect(machine.sleptUntil).toEqual([1_001_000, 1_001_001, 1001]);
  });

  it('never wakes early, nor a full step late', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 1000 }),
        fc.nat(2 ** 45),
        fc.nat(2 ** 45),
        fc.nat(2 ** 50),
        async (speed, machineUs, scaledUs, atUs) => {
          const machine = manualClock();
          const clock = scaledClock(machine, speed, { machineUs, scaledUs });
          await clock.sleepUntil(atUs);
          machine.us = machine.sleptUntil[0]!;
          expect(clock.nowUs()).toBeGreaterThanOrEqual(atUs);
          expect(clock.nowUs() - atUs).toBeLessThan(speed);
        },
      ),
    ));
});

describe('the sync point of two clocks', () => {
  const readings: ClockReading[] = [
    { beforeUs: 0, afterUs: 900, shownUs: 1 },
    { beforeUs: 1000, afterUs: 1011, shownUs: 2 },
    { beforeUs: 2000, afterUs: 2400, shownUs: 3 },
  ];

  it('comes from the reading with the shortest duration', () => {
    expect(findSyncPoint(readings)).toEqual({ machineUs: 1005, scaledUs: 2 });
  });

  const reading = (atUs: number, widthUs: number, shownUs: number): ClockReading => ({
    beforeUs: atUs,
    afterUs: atUs + widthUs,
    shownUs,
  });
  it.each([
    ['60 times as fast', 60, reading(0, 100, 0), reading(40_000, 100, 2_400_000), true],
    ['as fast as the machine', 60, reading(0, 100, 0), reading(40_000, 100, 40_000), false],
    ['half as fast as it should', 60, reading(0, 100, 0), reading(40_000, 100, 1_200_000), false],
    ['measured on a machine that is too busy', 60, reading(0, 100_000, 0), reading(100_000, 100_000, 100_000), true],
    ['a stopped clock', 2, reading(0, 100, 0), reading(40_000, 100, 0), false],
  ])('%s', (_name, speed, early, late, expected) => {
    expect(isRunningAt(speed, early, late, 1000)).toBe(expected);
  });
});
