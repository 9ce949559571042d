import type { Range } from '../../mock-server/dialects/stated-wait.ts';
import type { Rate } from '../../mock-server/quantity.ts';
import { midpoint } from './range.ts';

const S = 1_000_000;

/** A round figure within a range, and how certain it is. */
export interface Round<Value> {
  readonly value: Value;
  /** `only`: no other figure nearly as round fits. `usual`: others fit, but this is rounder or common. `some`: one of many. */
  readonly fits: 'only' | 'usual' | 'some';
}

/** Largest chance that an arbitrary figure lies as close to a round one. */
const MAX_CHANCE = 0.002;

const GRAINS_US = [86_400 * S, 3600 * S, 60 * S, S, S / 10, S / 100, S / 1000];
/** Windows that providers use. */
const USUAL_US = [1, 10, 60, 3600, 86_400].map((seconds) => seconds * S);

/** Returns the roundest duration within a range of microseconds. */
export function roundWindow(range: Range): Round<number> {
  const usual = USUAL_US.filter((us) => us >= range.low && us <= range.high);
  for (const grainUs of GRAINS_US) {
    const value = Math.ceil(range.low / grainUs) * grainUs;
    if (value > range.high || value === 0) continue;
    const only = range.high - range.low <= Math.min(grainUs, 10 * S) * MAX_CHANCE && grainUs >= S / 10;
    if (only) return { value, fits: 'only' };
    if (usual.length === 1) return { value: usual[0]!, fits: 'usual' };
    const alone = grainUs >= S && range.high - range.low < grainUs;
    return { value, fits: alone ? 'usual' : 'some' };
  }
  return { value: Math.max(1, Math.round(midpoint(range))), fits: 'some' };
}

/** A relatively wider range has other figures that are as round. */
const MAX_CERTAIN_WIDTH = 0.0005;
/** Periods to express rates in, the usual ones first. */
const RATE_PERIODS_US = [1, 60, 3600, 86_400, ...Array.from({ length: 58 }, (_, n) => n + 2)].map((s) => s * S);

/**
 * Returns the roundest refill of a bucket that fills up from empty within a range of microseconds: its capacity per usual
 * period, else a whole number per period, else its capacity per measured time.
 */
export function roundRefill(capacity: number, fillUs: Range): Round<Rate> {
  const width = fillUs.high / fillUs.low - 1;
  const narrow = width <= MAX_CERTAIN_WIDTH;
  const usual = USUAL_US.filter((us) => us >= fillUs.low && us <= fillUs.high);
  if (usual.length === 1) {
    return { value: { amount: capacity, periodUs: usual[0]! }, fits: narrow ? 'only' : 'usual' };
  }
  const whole = RATE_PERIODS_US.flatMap((periodUs) => wholeRate(capacity, fillUs, periodUs) ?? []);
  const certain = whole.find(({ amount }) => width * amount <= MAX_CHANCE);
  if (certain) return { value: certain, fits: 'only' };
  const [smallest] = whole.sort((a, b) => a.amount - b.amount);
  if (smallest)
    return { value: smallest, fits: narrow && width * smallest.amount <= 5 * MAX_CHANCE ? 'usual' : 'some' };
  return { value: { amount: capacity, periodUs: roundWindow(fillUs).value }, fits: 'some' };
}

/** Returns the whole number of units per period that fills the bucket in this time, if there is exactly one. */
function wholeRate(capacity: number, fillUs: Range, periodUs: number): Rate | undefined {
  const min = Math.ceil((capacity * periodUs) / fillUs.high);
  const max = Math.floor((capacity * periodUs) / fillUs.low);
  return min >= 1 && min === max ? { amount: min, periodUs } : undefined;
}
