const UNITS = [
  ['d', 86_400_000_000],
  ['h', 3_600_000_000],
  ['m', 60_000_000],
] as const;

/**
 * Formats microseconds as a readable duration: `0s`, `250us`, `120ms`, `1.5s`, `1m30s`, `2h5m`, `1d`. Durations of at least
 * 1 ms are rounded to the millisecond; zero units are omitted.
 */
export function formatDuration(us: number): string {
  if (us > 0 && us < 1000) return `${Math.round(us)}us`;
  let ms = Math.round(us / 1000);
  if (ms < 1000) return ms === 0 ? '0s' : `${ms}ms`;
  let text = '';
  for (const [unit, unitUs] of UNITS) {
    const count = Math.floor(ms / (unitUs / 1000));
    if (count > 0) text += `${count}${unit}`;
    ms -= count * (unitUs / 1000);
  }
  return ms === 0 ? text : `${text}${ms / 1000}s`;
}

/** Formats whole microseconds so that no digit is lost, where `formatDuration` would round to the millisecond: `1500us`. */
export function formatExactDuration(us: number): string {
  return us % 1000 === 0 ? formatDuration(us) : `${us}us`;
}
