import type { Clock } from './clock.ts';

/** The same instant on two clocks, in whole microseconds since the Unix epoch. */
export interface SyncPoint {
  readonly machineUs: number;
  readonly scaledUs: number;
}

/** Creates a clock that runs `speed` times as fast as the machine's (an integer) and agrees with it at the sync point. */
export function scaledClock(machine: Clock, speed: number, { machineUs, scaledUs }: SyncPoint): Clock {
  return {
    resolutionUs: machine.resolutionUs,
    nowUs: () => scaledUs + (machine.nowUs() - machineUs) * speed,
    sleepUntil: (atUs, signal) => machine.sleepUntil(machineUs + Math.ceil((atUs - scaledUs) / speed), signal),
  };
}

/** The time shown by another clock, read between two times of the machine's clock. */
export interface ClockReading {
  readonly beforeUs: number;
  readonly afterUs: number;
  readonly shownUs: number;
}

const widthUs = ({ beforeUs, afterUs }: ClockReading): number => afterUs - beforeUs;
const middleUs = ({ beforeUs, afterUs }: ClockReading): number => (beforeUs + afterUs) / 2;

/** Returns the sync point from the most precise of the readings. Needs at least one. */
export function findSyncPoint(readings: readonly ClockReading[]): SyncPoint {
  const best = mostPrecise(readings);
  const machineUs = Math.floor(middleUs(best));
  return { machineUs, scaledUs: best.shownUs };
}

/** Returns the reading with the shortest duration. */
export function mostPrecise(readings: readonly ClockReading[]): ClockReading {
  return readings.reduce((best, reading) => (widthUs(reading) < widthUs(best) ? reading : best));
}

/**
 * Whether a clock ran at `speed` between two readings, within their error: each was taken at an unknown time in its interval
 * and is a multiple of `resolutionUs`.
 */
export function isRunningAt(speed: number, early: ClockReading, late: ClockReading, resolutionUs: number): boolean {
  const shown = late.shownUs - early.shownUs;
  const expected = (middleUs(late) - middleUs(early)) * speed;
  const toleranceUs = ((widthUs(early) + widthUs(late)) * speed) / 2 + 2 * resolutionUs;
  return Math.abs(shown - expected) <= toleranceUs;
}
