import { loadKind } from '../../load/load-kind.ts';

/** Names a value of a path: `6 users`, `7.9/s`, `2 × the trace`, `capacity = 20`. */
export function amountText(path: string, value: string): string {
  const kind = loadKind(path);
  if (kind === 'users') return value === '1' ? '1 user' : `${value} users`;
  if (kind === 'rate') return value.includes('/') ? value : `${value}/s`;
  if (kind === 'scale') return `${value} × the trace`;
  return `${settingName(path)} = ${value}`;
}

/** Names a path for people, by its last steps: `provider.limits.requests.capacity` is `requests capacity`. */
export function settingName(path: string): string {
  const kind = loadKind(path);
  if (kind === 'users') return 'users';
  if (kind === 'rate') return 'arrivals';
  if (kind === 'scale') return 'times the trace';
  const steps = path.replace(/\[(\d+)\]/g, '').split('.');
  return steps.slice(-2).join(' ');
}
