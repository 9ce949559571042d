import { parseWaitMessage } from '../../mock-server/dialects/stated-wait.ts';
import type { Headers } from './entry.ts';
import type { Observation } from './observation.ts';
import { parseHttpDate } from './parsed-time.ts';

/** The wait that a reply requests: its raw text, and the wait in microseconds if the text is valid. */
export interface RequestedWait {
  readonly raw?: string;
  readonly us?: number;
  readonly source: NonNullable<Observation['waitSource']>;
}

/** The body of a reply as text, and the delay in its RetryInfo. */
interface ReplyBody {
  readonly text?: string | undefined;
  readonly retryDelay?: string | undefined;
}

/**
 * Reads the requested wait of a reply as the SDKs and RFC 9110 section 10.2.3 do: `retry-after-ms` first, then `retry-after`
 * as whole seconds or a date. A date is relative to `atUs`, when the reply head arrived. Gemini sends the wait in the body
 * (google.rpc.RetryInfo). `us` is absent if the text is not valid.
 */
export function readRequestedWait(
  headers: Headers,
  { text: body, retryDelay }: ReplyBody,
  atUs: number,
): RequestedWait | undefined {
  const ms = headers['retry-after-ms'];
  const text = headers['retry-after'];
  if (ms !== undefined || text !== undefined) return waitFromHeaders(text, ms, atUs);
  if (retryDelay !== undefined)
    return { raw: clip(retryDelay), ...parseSeconds(clip(retryDelay)), source: 'retry-info' };
  const us = body === undefined ? undefined : parseWaitMessage(body);
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
