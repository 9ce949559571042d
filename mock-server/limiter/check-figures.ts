import type { Problem } from '../error.ts';
import type { Rate } from '../quantity.ts';

/** Returns a problem unless the value is a whole number in the range. */
export function checkInteger(path: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): Problem[] {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return [];
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return [{ path, message: `must be a whole number ${range}, not ${value}` }];
}

/** Returns a problem unless amount and period are whole numbers of at least 1. */
export function checkRate(path: string, { amount, periodUs }: Rate): Problem[] {
  const valid = Number.isSafeInteger(amount) && amount >= 1 && Number.isSafeInteger(periodUs) && periodUs >= 1;
  if (valid) return [];
  return [{ path, message: `must admit at least one unit per period, not ${amount} per ${periodUs} µs` }];
}
