import type { Clock } from './clock.ts';

/** One moment on two clocks, in whole microseconds since the Unix epoch. */
export interface Meeting {
  readonly machineUs: number;
  readonly scaledUs: number;
}

/** A clock that shows `scaledUs` when the machine's shows `machineUs`, and runs `speed` times as fast, a whole number. */
export function scaledClock(machine: Clock, speed: number, { machineUs, scaledUs }: Meeting): Clock {
  return {
    resolutionUs: machine.resolutionUs,
    nowUs: () => scaledUs + (machine.nowUs() - machineUs) * speed,
    sleepUntil: (atUs, signal) => machine.sleepUntil(machineUs + Math.ceil((atUs - scaledUs) / speed), signal),
  };
}

/** What another clock showed between two moments of the machine's. */
export interface Reading {
  readonly beforeUs: number;
  readonly afterUs: number;
  readonly shownUs: number;
}

const widthUs = ({ beforeUs, afterUs }: Reading): number => afterUs - beforeUs;
const middleUs = ({ beforeUs, afterUs }: Reading): number => (beforeUs + afterUs) / 2;

/** Where two clocks met, by the reading that leaves the least open. There is at least one. */
export function meetingOf(readings: readonly Reading[]): Meeting {
  const best = narrowest(readings);
  const machineUs = Math.floor(middleUs(best));
  return { machineUs, scaledUs: best.shownUs };
}

/** Of several readings the one that was taken in the shortest time. */
export function narrowest(readings: readonly Reading[]): Reading {
  return readings.reduce((best, one) => (widthUs(one) < widthUs(best) ? one : best));
}

/**
 * Whether a clock ran `speed` times as fast between two readings, as far as these can tell: each was taken at some moment
 * between its two, and shows whole multiples of `resolutionUs`.
 */
export function ranAt(speed: number, early: Reading, late: Reading, resolutionUs: number): boolean {
  const shown = late.shownUs - early.shownUs;
  const expected = (middleUs(late) - middleUs(early)) * speed;
  const openUs = ((widthUs(early) + widthUs(late)) * speed) / 2 + 2 * resolutionUs;
  return Math.abs(shown - expected) <= openUs;
}
