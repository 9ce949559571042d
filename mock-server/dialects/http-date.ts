import { Temporal } from 'temporal-polyfill';

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Formats a time as IMF-fixdate (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(epochMs: number): string {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs)).toZonedDateTimeISO('UTC');
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${DAYS[at.dayOfWeek - 1]}, ${two(at.day)} ${MONTHS[at.month - 1]} ${at.year}`;
  return `${date} ${two(at.hour)}:${two(at.minute)}:${two(at.second)} GMT`;
}

/** The three forms of RFC 9110 section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 850 and asctime. */
const IMF = /^[A-Z][a-z]{2},? (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/;

/** Parses an HTTP date to microseconds since the Unix epoch; undefined for other text and for days that do not exist. */
export function parseHttpDate(text: string): number | undefined {
  const trimmed = text.trim();
  const { day, month, year, time } =
    (IMF.exec(trimmed) ?? RFC_850.exec(trimmed) ?? ASCTIME.exec(trimmed))?.groups ?? {};
  if (day === undefined) return undefined;
  const number = String(MONTHS.indexOf(month!) + 1).padStart(2, '0');
  return parseTime(`${year!.padStart(4, '20')}-${number}-${day.replace(' ', '0')}T${time}Z`);
}

/** Parses a time in RFC 3339 to microseconds since the Unix epoch; undefined for other text. */
export function parseTime(text: string): number | undefined {
  try {
    return Number(Temporal.Instant.from(text.trim()).epochNanoseconds / 1000n);
  } catch {
    return undefined;
  }
}
