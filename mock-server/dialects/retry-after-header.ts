import type { RequestedWait } from '../admission/retry-after.ts';
import type { RetryAfterHeaders } from './dialect.ts';
import { httpDate } from './http-date.ts';
import { meantWaitUs } from './wait-hint.ts';

/** Formats a requested wait: `retry-after` in whole seconds, at least 1; for milliseconds also `retry-after-ms`. */
export function retryAfterHeaders(wait: RequestedWait, nowUs: number): RetryAfterHeaders {
  if (wait.in === 'literal') return literalHeaders(wait, nowUs);
  if (wait.in === 'http-date') {
    const dueMs = Math.ceil((nowUs + wait.waitUs) / 1e6) * 1000;
    const raw = httpDate(dueMs);
    const statedWaitUs = Math.max(0, dueMs * 1000 - nowUs);
    return { headers: { 'retry-after': raw }, raw, source: 'retry-after', statedWaitUs };
  }
  const seconds = Math.max(1, Math.ceil(wait.waitUs / 1e6));
  const raw = String(seconds);
  if (wait.in === 'seconds') {
    return { headers: { 'retry-after': raw }, raw, source: 'retry-after', statedWaitUs: seconds * 1e6 };
  }
  const ms = Math.ceil(wait.waitUs / 1000);
  const headers = { 'retry-after-ms': String(ms), 'retry-after': raw };
  return { headers, raw, source: 'retry-after-ms', statedWaitUs: ms * 1000 };
}

/** Headers with verbatim values. They request the wait that a lenient reader finds in their text, or none. */
function literalHeaders({ text, ms }: Extract<RequestedWait, { in: 'literal' }>, nowUs: number): RetryAfterHeaders {
  const headers = {
    ...(text !== undefined && { 'retry-after': text }),
    ...(ms !== undefined && { 'retry-after-ms': ms }),
  };
  const raw = text ?? ms ?? '';
  const meant = (source: 'retry-after' | 'retry-after-ms', value: string | undefined): number | undefined =>
    value === undefined ? undefined : meantWaitUs({ source, raw: value, sentUs: nowUs, skewUs: 0 });
  // SDKs read `retry-after-ms` first.
  const inMsUs = meant('retry-after-ms', ms);
  const statedWaitUs = inMsUs ?? meant('retry-after', text);
  const source = inMsUs === undefined && text !== undefined ? 'retry-after' : 'retry-after-ms';
  return { headers, raw, source, ...(statedWaitUs !== undefined && { statedWaitUs }) };
}
