import type { MetricUnit } from '../analysis/metrics/metrics.ts';

/** Formats a measured duration in microseconds as k6 does: `850µs`, `212.34ms`, `1.02s`, `2m3s`. */
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

/** Formats a number with at most two decimals. */
export function round(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** Formats a share (0 to 1) as per cent. */
export function percent(share: number): string {
  return `${round(share * 100)}%`;
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
