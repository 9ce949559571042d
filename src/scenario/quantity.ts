import type { Rate } from '../../mock-server/limiter/algorithm.ts';

/** A text read as a quantity, or what is wrong with it and what is allowed. */
export type Reading<Value> = { readonly value: Value } | { readonly wrong: string };

const UNIT_US: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

/** Names of periods in rates; `min` and whole words beside the units of durations. */
const PERIOD_US: Readonly<Record<string, number>> = {
  ...UNIT_US,
  sec: UNIT_US.s!,
  second: UNIT_US.s!,
  min: UNIT_US.m!,
  minute: UNIT_US.m!,
  hour: UNIT_US.h!,
  day: UNIT_US.d!,
};

const MULTIPLES: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

/** `250ms`, `1m30s`, `6m0s`, `1.5s`, `2h`, `1d`, `500us`, `0`: whole microseconds. */
export function parseDuration(text: string): Reading<number> {
  if (text.trim() === '0') return { value: 0 };
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g)];
  const whole = parts.map(([part]) => part).join('') === text.trim() && parts.length > 0;
  const us = parts.reduce((sum, [, number, unit]) => sum + Number(number) * UNIT_US[unit!]!, 0);
  if (!whole || !Number.isSafeInteger(Math.round(us))) {
    return { wrong: `must be a duration such as 250ms, 30s, 1m30s or 2h, not "${text}"` };
  }
  return { value: Math.round(us) };
}

/** `100000`, `100k`, `1.5M`: a whole number. */
export function parseAmount(text: string): Reading<number> {
  const [, number, multiple] = /^(\d+(?:\.\d+)?)([kKMG]?)$/.exec(text.trim()) ?? [];
  const value = Number(number) * MULTIPLES[multiple ?? '']!;
  if (number === undefined || !Number.isSafeInteger(value)) {
    return { wrong: `must be a whole amount such as 500, 90k or 1.5M, not "${text}"` };
  }
  return { value };
}

/** `5/s`, `500/min`, `90k/min`, `10000/day`, `3/20s`: so many per period. */
export function parseRate(text: string): Reading<Rate> {
  const [amountText, periodText, ...rest] = text.split('/');
  const amount = parseAmount(amountText ?? '');
  const period = (periodText ?? '').trim();
  const periodUs = PERIOD_US[period] ?? read(parseDuration(period));
  if (rest.length > 0 || 'wrong' in amount || periodUs === undefined || periodUs === 0) {
    return { wrong: `must be a rate such as 5/s, 500/min, 10k/day or 3/20s, not "${text}"` };
  }
  return { value: { amount: amount.value, periodUs } };
}

/** `7.5/s`, `500/min`, `90k/h`: a rate of arrivals, which need not be whole, as so many a second. */
export function parsePerSecond(text: string): Reading<number> {
  const [, number, multiple, periodText] = /^(\d+(?:\.\d+)?)([kKMG]?)\/(.+)$/.exec(text.trim()) ?? [];
  const periodUs = PERIOD_US[periodText ?? ''] ?? read(parseDuration(periodText ?? ''));
  if (number === undefined || periodUs === undefined || periodUs === 0) {
    return { wrong: `must be a rate such as 5/s, 7.5/s or 500/min, not "${text}"` };
  }
  return { value: (Number(number) * MULTIPLES[multiple ?? '']! * 1e6) / periodUs };
}

function read<Value>(reading: Reading<Value>): Value | undefined {
  return 'value' in reading ? reading.value : undefined;
}
