import type { Random } from '../../mock-server/random.ts';
import type { RateSegment } from './arrivals.ts';
import type { Arrival } from './call-shape.ts';
import { shapeAt, type TraceTable } from './trace-table.ts';

/** How a trace is played. Times of the trace are microseconds since its first arrival. */
export interface TracePlay {
  /** The window that is played; `untilUs` is not part of it. Absent: to the end. */
  readonly fromUs: number;
  readonly untilUs?: number;
  /** Above 1 the trace passes faster, below 1 slower. */
  readonly speed: number;
  /** Arrivals for each one of the trace, on average: 0.5 leaves out half, 2 doubles. */
  readonly scale: number;
  /** How often the window is played, one after the other. */
  readonly loop: number;
  /** Other names for the models of the trace. */
  readonly models: Readonly<Record<string, string>>;
}

/** Returns the rows of the window: from the first that is not before it up to, and without, `end`. */
export function windowOf({ atUs, rows }: TraceTable, { fromUs, untilUs }: TracePlay): { first: number; end: number } {
  return { first: firstAtOrAfter(atUs, fromUs), end: untilUs === undefined ? rows : firstAtOrAfter(atUs, untilUs) };
}

/**
 * Returns how long one pass of the window takes in the time of the trace. A window without an end lasts until its last arrival
 * and the mean gap after it, so that a loop keeps the rate.
 */
export function windowLengthUs(table: TraceTable, play: TracePlay): number {
  if (play.untilUs !== undefined) return play.untilUs - play.fromUs;
  const { first, end } = windowOf(table, play);
  const count = end - first;
  if (count < 1) return 0;
  const lastUs = table.atUs[end - 1]!;
  const meanGapUs = count < 2 ? 1_000_000 : (lastUs - table.atUs[first]!) / (count - 1);
  return lastUs - play.fromUs + Math.max(1, Math.round(meanGapUs));
}

/**
 * Yields the arrivals of a trace, ascending, in whole microseconds from `startUs`. At a scale above 1, the copies of an arrival
 * fall at random between it and the next one: at the same instant they would be bursts that the trace does not have.
 */
export function* traceArrivals(
  table: TraceTable,
  play: TracePlay,
  startUs: number,
  random: Random,
): Generator<Arrival> {
  const { first, end } = windowOf(table, play);
  const lengthUs = windowLengthUs(table, play);
  for (let pass = 0; pass < play.loop; pass++) {
    const passUs = pass * lengthUs - play.fromUs;
    const dueUs = (traceUs: number): number => startUs + Math.floor((passUs + traceUs) / play.speed);
    for (let row = first; row < end; row++) {
      const atUs = table.atUs[row]!;
      const nextUs = row + 1 < end ? table.atUs[row + 1]! : play.fromUs + lengthUs;
      for (const offset of copyOffsets(play.scale, random)) {
        yield { atUs: dueUs(atUs + offset * (nextUs - atUs)), shape: shapeAt(table, row, play.models) };
      }
    }
  }
}

/** Where the copies of one arrival fall, as ascending shares of the gap after it; the first stays where it is. */
function copyOffsets(scale: number, random: Random): readonly number[] {
  if (scale === 1) return AS_IT_IS;
  const whole = Math.floor(scale);
  const count = whole + (random() < scale - whole ? 1 : 0);
  if (count <= 1) return count === 1 ? AS_IT_IS : [];
  return [0, ...Array.from({ length: count - 1 }, random).sort((a, b) => a - b)];
}

const AS_IT_IS: readonly number[] = [0];

/** Parts into which the rate of a trace is averaged. */
const RATE_PARTS = 48;

/** Returns the average rate of a trace over time, in steps; in microseconds of the run. */
export function traceRates(table: TraceTable, play: TracePlay): RateSegment[] {
  const { first, end } = windowOf(table, play);
  const partUs = windowLengthUs(table, play) / RATE_PARTS;
  const counts = Array.from({ length: RATE_PARTS }, () => 0);
  for (let row = first; row < end; row++) {
    counts[Math.min(RATE_PARTS - 1, Math.floor((table.atUs[row]! - play.fromUs) / partUs))]!++;
  }
  const durationUs = partUs / play.speed;
  const once = counts.map((count): RateSegment => {
    const perSecond = (count * play.scale * 1e6) / durationUs;
    return { durationUs, fromPerSecond: perSecond, toPerSecond: perSecond };
  });
  return Array.from({ length: play.loop }, () => once).flat();
}

function firstAtOrAfter(ascending: Float64Array, atUs: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
