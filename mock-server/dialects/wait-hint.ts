import type { Unit } from '../admission/limit.ts';
import { parseDuration } from '../quantity.ts';
import { parseHttpDate, parseTime } from './http-date.ts';

const S = 1_000_000;

/**
 * Where a refusal says how long to wait: a header, RetryInfo in the body, the reset of the limit that refused, or the words of its
 * message, which nobody has to read.
 */
export type HintSource = 'retry-after' | 'retry-after-ms' | 'retry-info' | 'reset' | 'message';

/** What a refusal said about the wait, as sent. */
export interface WaitHint {
  readonly source: HintSource;
  /** The text as sent, such as `1.5`, `1500`, `60s` or `6m0s`. */
  readonly raw: string;
  /** When the refusal was sent by the sender's clock, which dates in `raw` follow: microseconds since the Unix epoch. */
  readonly sentUs: number;
  /** Error of that clock: positive if it is ahead of the client's. */
  readonly skewUs: number;
}

/** Returns the reset of a limit on this unit as a header states it; undefined if none does. */
export function findReset(headers: Readonly<Record<string, string>>, unit: Unit): string | undefined {
  return headers[`x-ratelimit-reset-${unit}`] ?? headers[`anthropic-ratelimit-${unit}-reset`];
}

/** Ways to misread a hint. `ignored` reads nothing. */
export const CARELESS_READINGS = [
  'leading digits only',
  'number as milliseconds',
  'milliseconds as seconds',
  'relative as epoch',
  'epoch as relative',
  'date by a parser that takes a year',
  'clock not taken from date',
  'sign lost',
  'ignored',
] as const;
export type CarelessReading = (typeof CARELESS_READINGS)[number];

/** `strict`: RFC 9110, digits or a date, or the form that the source documents. `lenient`: any number, duration or date. */
export type Reading = 'strict' | 'lenient' | CarelessReading;

/** From this number of seconds (2001), and of milliseconds, a number is a time since the Unix epoch. */
const EPOCH_S = 1e9;
const EPOCH_MS = 1e12;

/** Returns the wait that the sender meant, in microseconds, 0 for a moment that has passed; undefined for text without meaning. */
export function meantWaitUs(hint: WaitHint): number | undefined {
  const epochUs = epochOf(hint);
  return epochUs === undefined ? lenientUs(hint) : until(epochUs, hint.sentUs);
}

/**
 * Returns the wait that a reader takes from a hint, in microseconds from when it was sent. Undefined if the reader finds
 * nothing in it, so that the client falls back to its own pause.
 */
export function readWaitUs(hint: WaitHint, reading: Reading): number | undefined {
  switch (reading) {
    case 'strict':
      return strictUs(hint);
    case 'lenient':
      return lenientUs(hint);
    case 'ignored':
      return undefined;
    case 'clock not taken from date':
      return dateUs(hint) === undefined ? lenientUs(hint) : until(dateUs(hint)!, hint.sentUs - hint.skewUs);
    default:
      return wrongNumberUs(hint, reading);
  }
}

const until = (dueUs: number, nowUs: number): number => Math.max(0, dueUs - nowUs);

function strictUs(hint: WaitHint): number | undefined {
  const { source, raw, sentUs } = hint;
  const text = raw.trim();
  switch (source) {
    case 'retry-after': {
      const dueUs = parseHttpDate(text);
      return /^\d+$/.test(text) ? Number(text) * S : dueUs === undefined ? undefined : until(dueUs, sentUs);
    }
    case 'retry-after-ms':
      return /^\d+$/.test(text) ? Number(text) * 1000 : undefined;
    case 'retry-info':
      // google.protobuf.Duration in JSON: seconds with up to nine decimals, and `s`.
      return /^\d+(\.\d{1,9})?s$/.test(text) ? Math.round(Number.parseFloat(text) * S) : undefined;
    case 'reset':
    case 'message':
      return lenientUs(hint);
  }
}

function lenientUs(hint: WaitHint): number | undefined {
  const { source, raw, sentUs } = hint;
  const number = numberIn(raw);
  if (number !== undefined) return Math.max(0, Math.round(number * (source === 'retry-after-ms' ? 1000 : S)));
  const dueUs = dateUs(hint);
  if (dueUs !== undefined) return until(dueUs, sentUs);
  const parsed = parseDuration(raw);
  return 'value' in parsed ? parsed.value : undefined;
}

/** The number that the whole text is, with sign and decimals. */
function numberIn(raw: string): number | undefined {
  return /^[+-]?\d+(\.\d+)?$/.test(raw.trim()) ? Number(raw) : undefined;
}

function dateUs({ raw }: WaitHint): number | undefined {
  return parseHttpDate(raw) ?? (/^\d{4}-\d\d-\d\dT/.test(raw.trim()) ? parseTime(raw) : undefined);
}

function epochOf({ source, raw }: WaitHint): number | undefined {
  const number = source === 'retry-after-ms' ? undefined : numberIn(raw);
  if (number === undefined || number < EPOCH_S) return undefined;
  return number < EPOCH_MS ? number * S : number * 1000;
}

/** Readings that turn a number into another one. Text that they do not concern is read as a lenient reader would. */
function wrongNumberUs(
  hint: WaitHint,
  reading: Exclude<CarelessReading, 'ignored' | 'clock not taken from date'>,
): number | undefined {
  const { source, raw, sentUs } = hint;
  const ownUnit = source === 'retry-after-ms' ? 1000 : S;
  const number = numberIn(raw);
  switch (reading) {
    case 'leading digits only':
      return wait(leadingNumber(/^[+-]?\d+/, raw) * ownUnit);
    case 'number as milliseconds':
      return source === 'retry-after-ms' ? lenientUs(hint) : wait(leadingNumber(/^[+-]?\d+(\.\d+)?/, raw) * 1000);
    case 'milliseconds as seconds':
      return source === 'retry-after-ms' && number !== undefined ? wait(number * S) : lenientUs(hint);
    case 'relative as epoch':
      return number === undefined ? lenientUs(hint) : until(number * ownUnit, sentUs - hint.skewUs);
    case 'epoch as relative':
      return number !== undefined && epochOf(hint) !== undefined ? wait(number * ownUnit) : meantWaitUs(hint);
    case 'sign lost':
      return number === undefined ? lenientUs(hint) : wait(Math.abs(number) * ownUnit);
    case 'date by a parser that takes a year': {
      // Digits are tried first, and only what is left is given to the parser of dates.
      if (number === undefined || /^\d+$/.test(raw.trim())) return lenientUs(hint);
      const year = yearFromNumber(raw);
      return year === undefined ? undefined : until(year, sentUs - hint.skewUs);
    }
  }
}

function leadingNumber(pattern: RegExp, raw: string): number {
  const [found] = pattern.exec(raw.trim()) ?? [];
  return found === undefined ? Number.NaN : Number(found);
}

const wait = (us: number): number | undefined => (Number.isNaN(us) ? undefined : Math.max(0, Math.round(us)));

/**
 * The time that `Date.parse` of V8 takes from a number, in UTC: `1.5` is 5 January 2001, `-3` March 2001, `60` 1960, `3.0`
 * nothing. Microseconds since the Unix epoch.
 */
function yearFromNumber(raw: string): number | undefined {
  const [, first, second = '1'] = /^[+-]?(\d+)(?:\.(\d+))?$/.exec(raw.trim()) ?? [];
  const [number, day] = [Number(first), Number(second)];
  if (day < 1 || day > 31 || (number > 12 && number < 32)) return undefined;
  // A lone number above 12 is a year; before a day, zero is the year 2000 and the day its month.
  const isMonth = number >= 1 && number <= 12;
  const month = isMonth ? number : day;
  const startUs =
    month > 12 ? undefined : parseTime(`${isoYear(isMonth ? 2001 : yearOf(number))}-${two(month)}-01T00:00:00Z`);
  return startUs === undefined ? undefined : startUs + (isMonth ? day - 1 : 0) * DAY_US;
}

const DAY_US = 86_400 * S;
const yearOf = (number: number): number => (number < 50 ? 2000 + number : number < 100 ? 1900 + number : number);
const isoYear = (year: number): string =>
  year > 9999 ? `+${String(year).padStart(6, '0')}` : String(year).padStart(4, '0');
const two = (value: number): string => String(value).padStart(2, '0');
