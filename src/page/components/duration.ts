/** Formats a duration as people write it: `850 µs`, `212 ms`, `1.02 s`, `2 m 3 s`, `1 h 5 m`. */
export function formatUs(us: number): string {
  if (us < 0) return `−${formatUs(-us)}`;
  if (us === 0) return '0 s';
  if (us < 1000) return `${Math.round(us)} µs`;
  if (us < 1e6) return `${digits(us / 1000)} ms`;
  if (us < 60e6) return `${digits(us / 1e6)} s`;
  const seconds = Math.round(us / 1e6);
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} m`;
  return rest === 0 ? `${minutes} m` : `${minutes} m ${rest} s`;
}

/** Formats a number with three digits that mean something. */
export function digits(value: number): string {
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

/** Formats a count with thin groups: `36 000`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US').replaceAll(',', '\u202f');
}
