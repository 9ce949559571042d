/**
 * Formats microseconds as the provider does: Go's duration format truncated to milliseconds (`wire.md` 1.6), such as
 * `0s`, `6ms`, `3.114s`, `7m12s` or `1h0m0s`.
 */
export function goDuration(us: number): string {
  const ms = Math.floor(us / 1000);
  if (ms < 1) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${(ms % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
