import type { MetricUnit } from '../analysis/metrics/metrics.ts';

/** Formats a measured duration in microseconds as people write it: `850µs`, `212ms`, `1.02s`, `2m3s`. */
export function formatMetric(us: number): string {
  const size = Math.abs(us);
  if (Number.isNaN(us)) return 'n/a';
  if (size < 1000) return `${Math.round(us)}µs`;
  if (size < 1e6) return `${round(us / 1000)}ms`;
  if (size < 60e6) return `${round(us / 1e6)}s`;
  const seconds = Math.round(us / 1e6);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}h` : ''}${minutes}m${seconds % 60}s`;
}

/** Formats a number with three digits that matter, and whole from 100 on: `0.0412`, `7.97`, `98.9`, `12345`. */
export function round(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** Formats a share (0 to 1) as per cent; only a whole one is `100%`. */
export function percent(share: number): string {
  const text = round(share * 100);
  return `${text === '100' && share < 1 ? '99.9' : text}%`;
}

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
