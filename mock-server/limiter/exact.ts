/**
 * The arithmetic of levels. Plain numbers while every value stays below 2^53, else BigInt: the operators `+ - * <` are
 * the same for both, and only what is here differs. Levels are typed as `number` throughout; `bigIntegers` is cast once.
 */
export interface Exact {
  /** A whole number of units as a level. */
  of(units: number): number;
  /** Quotients of levels as plain numbers, rounded down and up. */
  floorDiv(dividend: number, divisor: number): number;
  ceilDiv(dividend: number, divisor: number): number;
  /** A level as it stands in a state, which must survive JSON. */
  keep(level: number): number | string;
  read(kept: number | string): number;
}

const numbers: Exact = {
  of: (units) => units,
  floorDiv: (dividend, divisor) => Math.floor(dividend / divisor),
  ceilDiv: (dividend, divisor) => Math.ceil(dividend / divisor),
  keep: (level) => level,
  read: (kept) => kept as number,
};

/** Rounds towards minus infinity, which BigInt division does not. */
function floorBig(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}

const bigIntegers = {
  of: (units: number) => BigInt(units),
  floorDiv: (dividend: bigint, divisor: bigint) => Number(floorBig(dividend, divisor)),
  ceilDiv: (dividend: bigint, divisor: bigint) => Number(-floorBig(-dividend, divisor)),
  keep: (level: bigint) => String(level),
  read: (kept: number | string) => BigInt(kept),
} as unknown as Exact;

/** The arithmetic that is exact for levels up to `largest`. */
export function exactUpTo(largest: bigint): Exact {
  return largest < 2n ** 53n ? numbers : bigIntegers;
}

/** Greatest common divisor of two positive integers. */
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
