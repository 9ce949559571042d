/** Formats a number with two or three significant digits, for titles. */
export function short(value: number): string {
  if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}

/** Returns a share (0 to 1) of several things at the start of a sentence: `Half of all calls`, `7.8 % of calls`, `No call`. */
export function shareOf(share: number, one: string, many: string): string {
  if (share === 0) return `No ${one}`;
  if (share === 1) return `All ${many}`;
  if (share >= 0.485 && share <= 0.515) return `Half of all ${many}`;
  return `${percentText(share)} of ${many}`;
}

/** Formats a share (0 to 1) so that neither nothing nor everything is claimed falsely: `<0.1 %`, `99.8 %`. */
export function percentText(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  if (percent > 99.9 && percent < 100) return '>99.9 %';
  return `${Number(percent.toFixed(percent < 10 || percent > 95 ? 1 : 0))} %`;
}

/** The unit of time in which rates of this size are easy to read, in seconds, with its name. */
export interface RateUnit {
  readonly seconds: number;
  readonly name: 'second' | 'minute' | 'hour';
  readonly short: '/s' | '/min' | '/h';
}

/** Returns the smallest unit in which a rate is at least 1. */
export function rateUnit(perSecond: number): RateUnit {
  if (perSecond >= 0.95 || perSecond === 0) return { seconds: 1, name: 'second', short: '/s' };
  if (perSecond * 60 >= 0.95) return { seconds: 60, name: 'minute', short: '/min' };
  return { seconds: 3600, name: 'hour', short: '/h' };
}

/** Formats a duration in microseconds for people: `85 ms`, `1.2 s`, `1:40 min`, `10:03 h`. */
export function durationText(us: number): string {
  if (Number.isNaN(us)) return 'n/a';
  const digits = (value: number): string => String(Number(value.toPrecision(value >= 100 ? 3 : 2)));
  if (us < 999.5) return `${digits(us)} µs`;
  if (us < 999_500) return `${digits(us / 1000)} ms`;
  if (us < 59.5e6) return `${digits(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  if (seconds < 3600) return `${clock(seconds, 60)} min`;
  return seconds < 100 * 3600 ? `${clock(Math.round(seconds / 60), 60)} h` : `${short(seconds / 86_400)} d`;
}

function clock(parts: number, perUnit: number): string {
  const rest = parts % perUnit;
  return rest === 0 ? String(parts / perUnit) : `${Math.floor(parts / perUnit)}:${String(rest).padStart(2, '0')}`;
}

/** Joins texts as a list in a sentence. */
export function listText(texts: readonly string[]): string {
  if (texts.length < 2) return texts.join('');
  return `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}
