export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

const UNIT_US: Readonly<Record<TimeUnit, number>> = { s: 1e6, ms: 1e3, us: 1, ns: 1e-3 };

/** Splits the name of a column and the unit of its numbers: `ts:ms`. */
export function unitIn(text: string): readonly [column: string, unit?: TimeUnit] {
  const [, column, unit] = /^(.+):(s|ms|us|ns)$/.exec(text) ?? [];
  return column === undefined ? [text] : [column, unit as TimeUnit];
}

/**
 * Returns a time of a trace in microseconds, from any origin: a number in `unit`, a date, or ISO 8601, in UTC unless it says
 * otherwise. Undefined for anything else. Dates are read by the engine: a million of them take seconds by other means.
 */
export function readTraceTime(value: unknown, unit: TimeUnit): number | undefined {
  if (value instanceof Date) return value.getTime() * 1000;
  const number = typeof value === 'bigint' ? Number(value) : typeof value === 'string' ? numberIn(value) : value;
  if (typeof number === 'number') return Number.isFinite(number) ? Math.round(number * UNIT_US[unit]) : undefined;
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)([.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    String(value).trim(),
  );
  if (!match) return undefined;
  const [, day, time, fraction, zone = 'Z'] = match;
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) return undefined;
  return ms * 1000 + (fraction === undefined ? 0 : Math.round(Number(`0.${fraction.slice(1)}`) * 1e6));
}

function numberIn(text: string): number | string {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : text;
}
