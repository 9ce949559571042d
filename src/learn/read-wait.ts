import { Temporal } from 'temporal-polyfill';
import { parseDuration } from '../scenario/quantity.ts';
import type { Range } from './range.ts';

const S = 1_000_000;

/**
 * A wait or reset that an answer tells, from the answer on. Go durations (`6m0s`, `20ms`) are cut to the millisecond
 * (`wire.md` 1.6), whole seconds are rounded up. Undefined for what is neither.
 */
export function readWait(text: string): Range | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return roundedUp(Number(trimmed) * S, S);
  if (/^\d+\.\d+$/.test(trimmed)) return around(Number(trimmed) * S, 10 ** -decimals(trimmed) * S);
  const read = parseDuration(trimmed);
  return 'value' in read ? { low: read.value, high: read.value + 999 } : undefined;
}

/** What is rounded up to a whole unit lies within the last one. */
export function roundedUp(us: number, unitUs: number): Range {
  return { low: Math.max(0, us - unitUs + 1), high: us };
}

function decimals(text: string): number {
  return text.length - text.indexOf('.') - 1;
}

function around(us: number, by: number): Range {
  return { low: us - by, high: us + by };
}

/** A moment in RFC 3339, rounded up to the second where it has no fraction; as a wait from `atUs` on. */
export function readMoment(text: string, atUs: number): Range | undefined {
  try {
    const us = Temporal.Instant.from(text.trim()).epochMilliseconds * 1000;
    const high = us - atUs;
    return { low: high - (/\.\d+/.test(text) ? 1000 : S) + 1, high };
  } catch {
    return undefined;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Retry-After as RFC 9110 has it, seconds or a date; and `retry-after-ms`, which comes first. */
export function readRetryAfter(headers: Readonly<Record<string, string>>, atUs: number): Range | undefined {
  const ms = headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms'];
  if (ms !== undefined && /^\d+$/.test(ms)) return roundedUp(Number(ms) * 1000, 1000);
  const raw = headers['retry-after'] ?? headers['x-rate-limit-reset-tokens'];
  if (raw === undefined) return undefined;
  const [, day, month, year, time] = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(raw.trim()) ?? [];
  if (day === undefined) return /^\d+(\.\d+)?$/.test(raw.trim()) ? readWait(raw) : undefined;
  const number = String(MONTHS.indexOf(month!) + 1).padStart(2, '0');
  return readMoment(`${year}-${number}-${day}T${time}Z`, atUs);
}
