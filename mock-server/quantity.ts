import { formatExactDuration } from './duration.ts';

/** `amount` units per `periodUs` microseconds. */
export interface Rate {
  readonly amount: number;
  readonly periodUs: number;
}

/** A parsed value, or an error message that states what is allowed. */
export type Parsed<Value> = { readonly value: Value } | { readonly error: string };

const UNIT_US: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
  w: 604_800_000_000,
};

/** Names of periods in rates: the units of durations, `min`, and whole words. */
const PERIOD_US: Readonly<Record<string, number>> = {
  ...UNIT_US,
  sec: UNIT_US.s!,
  second: UNIT_US.s!,
  min: UNIT_US.m!,
  minute: UNIT_US.m!,
  hour: UNIT_US.h!,
  day: UNIT_US.d!,
  week: UNIT_US.w!,
};

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** Parses `250ms`, `1m30s`, `6m0s`, `1.5s`, `2h`, `1d`, `1w`, `500us` or `0` into whole microseconds. */
export function parseDuration(text: string): Parsed<number> {
  if (text.trim() === '0') return { value: 0 };
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h|d|w)/g)];
  const whole = parts.map(([part]) => part).join('') === text.trim() && parts.length > 0;
  const us = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_US[unit!]!, 0);
  if (!whole || !Number.isSafeInteger(Math.round(us))) {
    return { error: `must be a duration such as 250ms, 30s, 1m30s or 2h, not "${text}"` };
  }
  return { value: Math.round(us) };
}

/** Parses `100000`, `100k` or `1.5M` into a whole number. */
export function parseAmount(text: string): Parsed<number> {
  const [, number, multiple] = /^(\d+(?:\.\d+)?)([kKMG]?)$/.exec(text.trim()) ?? [];
  const value = Number(number) * MULTIPLES[multiple ?? '']!;
  if (number === undefined || !Number.isSafeInteger(value)) {
    return { error: `must be a whole amount such as 500, 90k or 1.5M, not "${text}"` };
  }
  return { value };
}

/** Parses `5/s`, `500/min`, `90k/min`, `10000/day` or `3/20s` into an amount per period. */
export function parseRate(text: string): Parsed<Rate> {
  const [amountText, periodText, ...rest] = text.split('/');
  const amount = parseAmount(amountText ?? '');
  const period = (periodText ?? '').trim();
  const periodUs = PERIOD_US[period] ?? valueOrUndefined(parseDuration(period));
  if (rest.length > 0 || 'error' in amount || periodUs === undefined || periodUs === 0) {
    return { error: `must be a rate such as 5/s, 500/min, 10k/day or 3/20s, not "${text}"` };
  }
  return { value: { amount: amount.value, periodUs } };
}

const PERIOD_NAMES: ReadonlyMap<number, string> = new Map([
  [1e6, 's'],
  [60e6, 'min'],
  [3600e6, 'hour'],
  [86_400e6, 'day'],
  [604_800e6, 'week'],
]);

/** Formats a rate so that `parseRate` returns it: `5/s`, `500/min`, `3/20s`. */
export function formatExactRate({ amount, periodUs }: Rate): string {
  return `${amount}/${formatPeriod(periodUs)}`;
}

/** Formats the period of a rate, as `parseRate` reads it: `s`, `min`, `20s`. */
export function formatPeriod(periodUs: number): string {
  return PERIOD_NAMES.get(periodUs) ?? formatExactDuration(periodUs);
}

/** Parses an arrival rate such as `7.5/s`, `500/min` or `90k/h` into arrivals per second, which may be fractional. */
export function parsePerSecond(text: string): Parsed<number> {
  const [, number, multiple, periodText] = /^(\d+(?:\.\d+)?)([kKMG]?)\/(.+)$/.exec(text.trim()) ?? [];
  const periodUs = PERIOD_US[periodText ?? ''] ?? valueOrUndefined(parseDuration(periodText ?? ''));
  if (number === undefined || periodUs === undefined || periodUs === 0) {
    return { error: `must be a rate such as 5/s, 7.5/s or 500/min, not "${text}"` };
  }
  return { value: (Number(number) * MULTIPLES[multiple ?? '']! * 1e6) / periodUs };
}

function valueOrUndefined<Value>(parsed: Parsed<Value>): Value | undefined {
  return 'value' in parsed ? parsed.value : undefined;
}
