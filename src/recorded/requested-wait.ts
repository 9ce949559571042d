import { isObject, parseBody } from '../../mock-server/dialects/body.ts';
import type { Headers } from './entry.ts';
import type { Observation } from './observation.ts';
import { parseHttpDate } from './parsed-time.ts';

/** The wait that a reply requests: its raw text, and the wait in microseconds if the text is valid. */
export interface RequestedWait {
  readonly raw?: string;
  readonly us?: number;
  readonly source: NonNullable<Observation['waitSource']>;
}

/**
 * Reads the requested wait of a reply as the SDKs and RFC 9110 section 10.2.3 do: `retry-after-ms` first, then `retry-after`
 * as whole seconds or a date. A date is relative to `atUs`, when the reply head arrived. Gemini sends the wait in the body
 * (google.rpc.RetryInfo). `us` is absent if the text is not valid.
 */
export function readRequestedWait(headers: Headers, body: string | undefined, atUs: number): RequestedWait | undefined {
  const ms = headers['retry-after-ms'];
  const text = headers['retry-after'];
  if (ms !== undefined || text !== undefined) return waitFromHeaders(text, ms, atUs);
  if (body === undefined) return undefined;
  const delay = findRetryDelay(body);
  if (delay !== undefined) return { raw: delay, ...parseSeconds(delay), source: 'retry-info' };
  const us = parseWaitMessage(body);
  return us === undefined ? undefined : { us, source: 'message' };
}

function waitFromHeaders(text: string | undefined, ms: string | undefined, atUs: number): RequestedWait {
  const raw = clip(text ?? ms ?? '');
  if (ms !== undefined && /^\d+(\.\d+)?$/.test(ms))
    return { raw, us: Math.round(Number(ms) * 1000), source: 'retry-after-ms' };
  const source = text === undefined ? 'retry-after-ms' : 'retry-after';
  if (text !== undefined && /^\d+$/.test(text)) return { raw, us: Number(text) * 1e6, source };
  const due = text === undefined ? undefined : parseHttpDate(text);
  return due === undefined ? { raw, source } : { raw, us: Math.max(0, due - atUs), source };
}

/** Only short texts are kept. */
const clip = (text: string): string => text.slice(0, 40);

function parseSeconds(delay: string): { us?: number } {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(delay);
  return match ? { us: Math.round(Number(match[1]) * 1e6) } : {};
}

/** Finds the RetryInfo in `error.details[]`; in streams the error is in a list. */
function findRetryDelay(body: string): string | undefined {
  if (!body.includes('retryDelay')) return undefined;
  const trimmed = body.trim();
  const parsed = parseBody(trimmed.startsWith('[') ? trimmed.slice(1, -1) : trimmed);
  const error = isObject(parsed?.error) ? parsed.error : {};
  const details = Array.isArray(error.details) ? error.details : [];
  const info = details.find((detail) => isObject(detail) && typeof detail.retryDelay === 'string');
  return isObject(info) ? clip(String(info.retryDelay)) : undefined;
}

const UNIT_US: Readonly<Record<string, number>> = { ms: 1000, s: 1e6, second: 1e6, m: 60e6, minute: 60e6, h: 3600e6 };

/** Parses `Please try again in 6m0s`, `Try again in 60 seconds` or `retry after 20 seconds` to microseconds. */
export function parseWaitMessage(message: string): number | undefined {
  const match =
    /(?:try again in|retry after)\s+((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|minutes?|s|m|h)\s*)+)/i.exec(
      message,
    );
  if (!match) return undefined;
  const parts = [...match[1]!.matchAll(/(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|minutes?|s|m|h)/gi)];
  const us = parts.reduce((sum, [, number, unit]) => {
    const name = unit!.toLowerCase().replace(/^milliseconds?$/, 'ms');
    return sum + Number(number) * (UNIT_US[name] ?? UNIT_US[name.replace(/s$/, '')]!);
  }, 0);
  return Math.round(us);
}
