import { isObject, parseBody } from '../../mock-server/dialects/body.ts';
import type { Headers } from './entry.ts';
import { httpMoment } from './moment.ts';
import type { Observation } from './observation.ts';

/** What an answer says about waiting: the raw text that stands for Retry-After, and what it legally means. */
export interface ToldWait {
  readonly raw?: string;
  readonly us?: number;
  readonly by: NonNullable<Observation['toldBy']>;
}

/**
 * The wait that an answer tells, read as the SDKs and RFC 9110 section 10.2.3 do: `retry-after-ms` first, then `retry-after`
 * as whole seconds or a date, counted from `atUs`, the moment its head came. Gemini tells it in its body
 * (google.rpc.RetryInfo). `us` is absent where what was sent is not legal.
 */
export function toldWait(headers: Headers, body: string | undefined, atUs: number): ToldWait | undefined {
  const ms = headers['retry-after-ms'];
  const text = headers['retry-after'];
  if (ms !== undefined || text !== undefined) return fromHeaders(text, ms, atUs);
  if (body === undefined) return undefined;
  const delay = retryInfo(body);
  if (delay !== undefined) return { raw: delay, ...secondsIn(delay), by: 'retry-info' };
  const words = wordsIn(body);
  return words === undefined ? undefined : { us: words, by: 'message' };
}

function fromHeaders(text: string | undefined, ms: string | undefined, atUs: number): ToldWait {
  const raw = shown(text ?? ms ?? '');
  if (ms !== undefined && /^\d+(\.\d+)?$/.test(ms))
    return { raw, us: Math.round(Number(ms) * 1000), by: 'retry-after-ms' };
  const by = text === undefined ? 'retry-after-ms' : 'retry-after';
  if (text !== undefined && /^\d+$/.test(text)) return { raw, us: Number(text) * 1e6, by };
  const due = text === undefined ? undefined : httpMoment(text);
  return due === undefined ? { raw, by } : { raw, us: Math.max(0, due - atUs), by };
}

/** No text of any length is kept. */
const shown = (text: string): string => text.slice(0, 40);

function secondsIn(delay: string): { us?: number } {
  const match = /^(\d+(?:\.\d+)?)s$/.exec(delay);
  return match ? { us: Math.round(Number(match[1]) * 1e6) } : {};
}

/** `error.details[]` of type RetryInfo; streams wrap their error in a list. */
function retryInfo(body: string): string | undefined {
  if (!body.includes('retryDelay')) return undefined;
  const trimmed = body.trim();
  const parsed = parseBody(trimmed.startsWith('[') ? trimmed.slice(1, -1) : trimmed);
  const error = isObject(parsed?.error) ? parsed.error : {};
  const details = Array.isArray(error.details) ? error.details : [];
  const info = details.find((detail) => isObject(detail) && typeof detail.retryDelay === 'string');
  return isObject(info) ? shown(String(info.retryDelay)) : undefined;
}

const UNIT_US: Readonly<Record<string, number>> = { ms: 1000, s: 1e6, second: 1e6, m: 60e6, minute: 60e6, h: 3600e6 };

/** `Please try again in 6m0s`, `Try again in 60 seconds`, `retry after 20 seconds`: microseconds. */
export function wordsIn(message: string): number | undefined {
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
