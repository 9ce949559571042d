/**
 * Exact arithmetic on levels. Levels are plain numbers if every value stays below 2^53, else BigInt. The operators `+ - * <`
 * work on both; this interface covers the rest. Levels are typed as `number` throughout; `bigIntegers` is cast once.
 */
export interface Exact {
  /** Converts a whole number of units to a level. */
  of(units: number): number;
  /** Divide levels; the quotient is a plain number, rounded down or up. */
  floorDiv(dividend: number, divisor: number): number;
  ceilDiv(dividend: number, divisor: number): number;
  /** Convert a level to and from its form in a state, which must survive JSON. */
  keep(level: number): number | string;
  read(stored: number | string): number;
}

const numbers: Exact = {
  of: (units) => units,
  floorDiv: (dividend, divisor) => Math.floor(dividend / divisor),
  ceilDiv: (dividend, divisor) => Math.ceil(dividend / divisor),
  keep: (level) => level,
  read: (stored) => stored as number,
};

/** Rounds towards minus infinity; BigInt division rounds towards zero. */
function floorBig(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

const bigIntegers = {
  of: (units: number) => BigInt(units),
  floorDiv: (dividend: bigint, divisor: bigint) => Number(floorBig(dividend, divisor)),
  ceilDiv: (dividend: bigint, divisor: bigint) => Number(-floorBig(-dividend, divisor)),
  keep: (level: bigint) => String(level),
  read: (stored: number | string) => BigInt(stored),
} as unknown as Exact;

/** Returns the arithmetic that is exact for levels up to `largest`. */
export function exactUpTo(largest: bigint): Exact {
  return largest < 2n ** 53n ? numbers : bigIntegers;
}

/** Returns the greatest common divisor of two positive integers. */
export function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** `Math.min` and `Math.max` for levels, which may be BigInt. */
export function lesser(a: number, b: number): number {
  if (b < a) return b;
  return a;
}

export function greater(a: number, b: number): number {
  if (b > a) return b;
  return a;
}
