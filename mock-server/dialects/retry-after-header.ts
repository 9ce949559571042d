import { Temporal } from 'temporal-polyfill';
import type { RequestedWait } from '../admission/retry-after.ts';
import type { RetryAfterHeaders } from './dialect.ts';

/** Formats a requested wait: `retry-after` in whole seconds, at least 1; for milliseconds also `retry-after-ms`. */
export function retryAfterHeaders(wait: RequestedWait, nowUs: number): RetryAfterHeaders {
  if (wait.in === 'literal') return literalHeaders(wait);
  if (wait.in === 'http-date') {
    const dueMs = Math.ceil((nowUs + wait.waitUs) / 1e6) * 1000;
    const raw = httpDate(dueMs);
    return { headers: { 'retry-after': raw }, raw, statedWaitUs: Math.max(0, dueMs * 1000 - nowUs) };
  }
  const seconds = Math.max(1, Math.ceil(wait.waitUs / 1e6));
  const raw = String(seconds);
  if (wait.in === 'seconds') return { headers: { 'retry-after': raw }, raw, statedWaitUs: seconds * 1e6 };
  const ms = Math.ceil(wait.waitUs / 1000);
  return { headers: { 'retry-after-ms': String(ms), 'retry-after': raw }, raw, statedWaitUs: ms * 1000 };
}

function literalHeaders({ text, ms }: Extract<RequestedWait, { in: 'literal' }>): RetryAfterHeaders {
  const headers = {
    ...(text !== undefined && { 'retry-after': text }),
    ...(ms !== undefined && { 'retry-after-ms': ms }),
  };
  const raw = text ?? ms ?? '';
  // SDKs read `retry-after-ms` first.
  if (ms !== undefined && /^\d+$/.test(ms)) return { headers, raw, statedWaitUs: Number(ms) * 1000 };
  if (text !== undefined && /^\d+$/.test(text)) return { headers, raw, statedWaitUs: Number(text) * 1e6 };
  return { headers, raw };
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Formats a time as IMF-fixdate (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. */
export function httpDate(epochMs: number): string {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(epochMs)).toZonedDateTimeISO('UTC');
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${DAYS[at.dayOfWeek - 1]}, ${two(at.day)} ${MONTHS[at.month - 1]} ${at.year}`;
  return `${date} ${two(at.hour)}:${two(at.minute)}:${two(at.second)} GMT`;
}
