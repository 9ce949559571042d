import { Temporal } from 'temporal-polyfill';
import { parseDuration } from '../quantity.ts';

const S = 1_000_000;

/** The range in which the true value of a printed figure lies, since printed figures are truncated or rounded. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Parses a wait or reset, relative to the reply, to the range of its true value. Go durations (`6m0s`, `20ms`) are truncated
 * to the millisecond (`wire.md` 1.6), integers are seconds rounded up. Returns undefined for other text.
 */
export function parseWait(text: string): Range | undefined {
  const trimmed = text.trim();
  if (/^\d+$/.test(trimmed)) return roundedUpRange(Number(trimmed) * S, S);
  if (/^\d+\.\d+$/.test(trimmed)) return symmetricRange(Number(trimmed) * S, 10 ** -decimals(trimmed) * S);
  const parsed = parseDuration(trimmed);
  return 'value' in parsed ? { low: parsed.value, high: parsed.value + 999 } : undefined;
}

/** Returns the range of the true value of `us`, which was rounded up to a multiple of `unitUs`. */
export function roundedUpRange(us: number, unitUs: number): Range {
  return { low: Math.max(0, us - unitUs + 1), high: us };
}

function decimals(text: string): number {
  return text.length - text.indexOf('.') - 1;
}

function symmetricRange(us: number, by: number): Range {
  return { low: us - by, high: us + by };
}

/** Parses a time in RFC 3339 to the wait from `atUs`. A time without a fraction was rounded up to the second. */
export function parseTimeAsWait(text: string, atUs: number): Range | undefined {
  try {
    const us = Temporal.Instant.from(text.trim()).epochMilliseconds * 1000;
    const high = us - atUs;
    return { low: high - (/\.\d+/.test(text) ? 1000 : S) + 1, high };
  } catch {
    return undefined;
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Parses `retry-after-ms`, else Retry-After (RFC 9110: seconds or a date), to the wait from `atUs`. */
export function parseRetryAfter(headers: Readonly<Record<string, string>>, atUs: number): Range | undefined {
  const ms = headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms'];
  if (ms !== undefined && /^\d+$/.test(ms)) return roundedUpRange(Number(ms) * 1000, 1000);
  const raw = headers['retry-after'] ?? headers['x-rate-limit-reset-tokens'];
  if (raw === undefined) return undefined;
  const [, day, month, year, time] = /^\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) GMT$/.exec(raw.trim()) ?? [];
  if (day === undefined) return /^\d+(\.\d+)?$/.test(raw.trim()) ? parseWait(raw) : undefined;
  const number = String(MONTHS.indexOf(month!) + 1).padStart(2, '0');
  return parseTimeAsWait(`${year}-${number}-${day}T${time}Z`, atUs);
}

const WORD_US: Readonly<Record<string, number>> = { ms: 1000, s: 1e6, second: 1e6, m: 60e6, minute: 60e6, h: 3600e6 };

/** Parses `Please try again in 6m0s`, `Please retry in 11.7s` or `retry after 20 seconds` to microseconds. */
export function parseWaitMessage(message: string): number | undefined {
  const match =
    /(?:try again in|retry in|retry after)\s+((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|minutes?|s|m|h)\s*)+)/i.exec(
      message,
    );
  if (!match) return undefined;
  const parts = [...match[1]!.matchAll(/(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|minutes?|s|m|h)/gi)];
  const us = parts.reduce((sum, [, number, unit]) => {
    const name = unit!.toLowerCase().replace(/^milliseconds?$/, 'ms');
    return sum + Number(number) * (WORD_US[name] ?? WORD_US[name.replace(/s$/, '')]!);
  }, 0);
  return Math.round(us);
}
