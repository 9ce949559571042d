import { Temporal } from 'temporal-polyfill';

/** A time in a recording, in microseconds since the Unix epoch, and the resolution it was written with. */
export interface ParsedTime {
  readonly us: number;
  readonly resolutionUs: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * Parses ISO 8601 with an offset, as in RFC 3339; `T` may be a space. With `utc` a time without an offset is UTC. Returns
 * undefined for other text.
 */
export function parseIsoTime(text: string, utc = false): ParsedTime | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)([.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, day, time, fraction = '', zone] = match;
  if (zone === undefined && !utc) return undefined;
  try {
    const instant = Temporal.Instant.from(`${day}T${time}${fraction.replace(',', '.').slice(0, 10)}${zone ?? 'Z'}`);
    return { us: Number(instant.epochNanoseconds / 1000n), resolutionUs: resolutionUsOf(fraction.length - 1) };
  } catch {
    return undefined;
  }
}

/** Parses `$time_local` of nginx: `10/Oct/2026:13:55:36 +0000`. */
export function parseLogTime(text: string): ParsedTime | undefined {
  const match = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(text);
  if (!match) return undefined;
  const [, day, month, year, time, zone] = match;
  const number = String(MONTHS.indexOf(month!) + 1).padStart(2, '0');
  return parseIsoTime(`${year}-${number}-${day}T${time}${zone}`);
}

/** Parses seconds since the Unix epoch, with or without decimals. */
export function parseEpochSeconds(text: string): ParsedTime | undefined {
  const match = /^(\d{9,11})(\.\d+)?$/.exec(text.trim());
  if (!match) return undefined;
  return { us: Math.round(Number(text) * 1e6), resolutionUs: resolutionUsOf((match[2] ?? '').length - 1) };
}

function resolutionUsOf(decimals: number): number {
  return Math.max(1, 10 ** (6 - Math.max(0, decimals)));
}
