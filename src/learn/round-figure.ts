import type { Rate } from '../../mock-server/limiter/algorithm.ts';
import { middle, type Range } from './range.ts';

const S = 1_000_000;

/** A round figure that a range allows, and how much the range leaves open. */
export interface Round<Value> {
  readonly value: Value;
  /** `only`: no other figure nearly as round fits. `usual`: others fit, but this one is rounder, or what providers use. */
  readonly fits: 'only' | 'usual' | 'some';
}

/** How often a figure that is not round may be taken for one: the share of all figures that lie as close to a round one. */
const BY_CHANCE = 0.002;

const GRAINS_US = [86_400 * S, 3600 * S, 60 * S, S, S / 10, S / 100, S / 1000];
/** Windows that providers have. */
const USUAL_US = [1, 10, 60, 3600, 86_400].map((seconds) => seconds * S);

/** The roundest duration within a range of microseconds. */
export function roundWindow(range: Range): Round<number> {
  const usual = USUAL_US.filter((us) => us >= range.low && us <= range.high);
  for (const grainUs of GRAINS_US) {
    const value = Math.ceil(range.low / grainUs) * grainUs;
    if (value > range.high || value === 0) continue;
    const only = range.high - range.low <= Math.min(grainUs, 10 * S) * BY_CHANCE && grainUs >= S / 10;
    if (only) return { value, fits: 'only' };
    if (usual.length === 1) return { value: usual[0]!, fits: 'usual' };
    const alone = grainUs >= S && range.high - range.low < grainUs;
    return { value, fits: alone ? 'usual' : 'some' };
  }
  return { value: Math.max(1, Math.round(middle(range))), fits: 'some' };
}

/** Above this share of itself a range leaves room for figures as round as the one that is chosen. */
const NARROW = 0.0005;
/** Periods in which rates are whole numbers, the usual ones first. */
const RATE_PERIODS_US = [1, 60, 3600, 86_400, ...Array.from({ length: 58 }, (_, n) => n + 2)].map((s) => s * S);

/**
 * The roundest refill of a bucket that fills up from empty within a range of microseconds: its capacity in a usual period,
 * else a whole number in one, else the capacity in the time as it was measured.
 */
export function roundRefill(capacity: number, fillUs: Range): Round<Rate> {
  const width = fillUs.high / fillUs.low - 1;
  const narrow = width <= NARROW;
  const usual = USUAL_US.filter((us) => us >= fillUs.low && us <= fillUs.high);
  if (usual.length === 1) {
    return { value: { amount: capacity, periodUs: usual[0]! }, fits: narrow ? 'only' : 'usual' };
  }
  const whole = RATE_PERIODS_US.flatMap((periodUs) => wholeRate(capacity, fillUs, periodUs) ?? []);
  const certain = whole.find(({ amount }) => width * amount <= BY_CHANCE);
  if (certain) return { value: certain, fits: 'only' };
  const [least] = whole.sort((a, b) => a.amount - b.amount);
  if (least) return { value: least, fits: narrow && width * least.amount <= 5 * BY_CHANCE ? 'usual' : 'some' };
  return { value: { amount: capacity, periodUs: roundWindow(fillUs).value }, fits: 'some' };
}

/** The only whole number of units in a period that fills the bucket in this time. */
function wholeRate(capacity: number, fillUs: Range, periodUs: number): Rate | undefined {
  const least = Math.ceil((capacity * periodUs) / fillUs.high);
  const most = Math.floor((capacity * periodUs) / fillUs.low);
  return least >= 1 && least === most ? { amount: least, periodUs } : undefined;
}
