import { formatMetric, percent, round } from '../analysis/format.ts';
import type { MetricUnit } from '../analysis/metrics/metrics.ts';

export { formatMetric, percent, round } from '../analysis/format.ts';

/** Formats a count with its noun: `1 call`, `2 calls`, `1 retry`, `0 retries`. */
export function counted(count: number, noun: string): string {
  return `${count} ${count === 1 ? noun : plural(noun)}`;
}

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return noun.replace(/y$/, 'ies');
  return /(?:s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

/** Returns a unit such as `attempts per call` or `futile retries` as it follows a number: `1 attempt per call`. */
export function unitAfter(value: string, unit: string): string {
  if (value !== '1') return unit;
  return unit.replace(/^(?!times\b)((?:futile )?\w+?)(ie)?s\b/, (_, noun: string, ie?: string) =>
    ie ? `${noun}y` : noun,
  );
}

/** Formats a figure in its unit; durations in microseconds. */
export function formatFigure(value: number, unit: MetricUnit): string {
  switch (unit) {
    case 'us':
      return formatMetric(value);
    case 'share':
      return percent(value);
    case 'per-second':
      return `${round(value)}/s`;
    default:
      return round(value);
  }
}
