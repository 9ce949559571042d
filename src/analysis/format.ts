import { formatDuration } from '../../mock-server/duration.ts';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;

/**
 * Formats a measured duration in microseconds as people write it, with at most three digits that matter: `850µs`, `212ms`,
 * `1.02s`, `2m3s`, `1h5m`. Settings, which are exact, are formatted by `formatDuration`.
 */
export function formatMetric(us: number): string {
  const size = Math.abs(us);
  if (Number.isNaN(us)) return 'n/a';
  if (size < 999.5) return us === 0 ? '0s' : `${Math.round(us)}µs`;
  if (size < 999_500) return `${round(us / 1000)}ms`;
  if (size < 59.95 * SECOND_US) return `${round(us / SECOND_US)}s`;
  const unit = size < 60 * MINUTE_US ? SECOND_US : MINUTE_US;
  return `${us < 0 ? '-' : ''}${formatDuration(Math.round(size / unit) * unit)}`;
}

/**
 * Formats two measured durations so that one can see which is longer: rounded, unless they would then look the same.
 */
export function formatApart(oneUs: number, otherUs: number): [string, string] {
  const [one, other] = [formatMetric(oneUs), formatMetric(otherUs)];
  if (one !== other || oneUs === otherUs) return [one, other];
  return [formatDuration(oneUs), formatDuration(otherUs)];
}

/** Formats a number with three digits that matter, and whole from 100 on: `0.0412`, `7.97`, `98.9`, `12345`. */
export function round(value: number): string {
  // What arithmetic leaves of zero.
  if (Math.abs(value) < 1e-6) return '0';
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)));
}

/** Formats a share (0 to 1) as per cent; only a whole one is `100%`. */
export function percent(share: number): string {
  const text = round(share * 100);
  return `${text === '100' && share < 1 ? '99.9' : text}%`;
}
