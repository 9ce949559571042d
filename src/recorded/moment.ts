import { Temporal } from 'temporal-polyfill';

/** A moment of a recording, in microseconds since the Unix epoch, and how exactly it was written. */
export interface Moment {
  readonly us: number;
  readonly resolutionUs: number;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * ISO 8601 with an offset, as in RFC 3339; a space for the `T` is taken too, and UTC where `utc` says that no offset means
 * it.
 */
export function isoMoment(text: string, utc = false): Moment | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)([.,]\d+)?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, day, time, fraction = '', zone] = match;
  if (zone === undefined && !utc) return undefined;
  try {
    const instant = Temporal.Instant.from(`${day}T${time}${fraction.replace(',', '.').slice(0, 10)}${zone ?? 'Z'}`);
    return { us: Number(instant.epochNanoseconds / 1000n), resolutionUs: resolutionOf(fraction.length - 1) };
  } catch {
    return undefined;
  }
}

/** How nginx writes `$time_local`: `10/Oct/2026:13:55:36 +0000`. */
export function logMoment(text: string): Moment | undefined {
  const match = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})$/.exec(text);
  if (!match) return undefined;
  const [, day, month, year, time, zone] = match;
  const number = String(MONTHS.indexOf(month!) + 1).padStart(2, '0');
  return isoMoment(`${year}-${number}-${day}T${time}${zone}`);
}

/** An HTTP date (RFC 9110 section 5.6.7, the one form that is still sent): microseconds since the Unix epoch. */
export function httpMoment(text: string): number | undefined {
  const match = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(text.trim());
  if (!match) return undefined;
  const [, day, month, year, time] = match;
  return logMoment(`${day}/${month}/${year}:${time} +0000`)?.us;
}

/** Seconds since the Unix epoch with as many decimals as were written. */
export function secondsMoment(text: string): Moment | undefined {
  const match = /^(\d{9,11})(\.\d+)?$/.exec(text.trim());
  if (!match) return undefined;
  return { us: Math.round(Number(text) * 1e6), resolutionUs: resolutionOf((match[2] ?? '').length - 1) };
}

function resolutionOf(decimals: number): number {
  return Math.max(1, 10 ** (6 - Math.max(0, decimals)));
}
