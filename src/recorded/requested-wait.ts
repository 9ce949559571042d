import { parseWaitMessage } from '../../mock-server/dialects/stated-wait.ts';
import { type HintSource, meantWaitUs } from '../../mock-server/dialects/wait-hint.ts';
import type { Headers } from './entry.ts';
import type { Observation } from './observation.ts';

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
 * Reads the requested wait of a reply: `retry-after-ms` first, as the SDKs do, then `retry-after`. A date is relative to `atUs`,
 * when the reply head arrived. Gemini sends the wait in the body (google.rpc.RetryInfo). `us` is what the text means, whoever can
 * read it; it is absent for text without meaning.
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
    return { raw: clip(retryDelay), ...meantUs('retry-info', clip(retryDelay), atUs), source: 'retry-info' };
  const us = body === undefined ? undefined : parseWaitMessage(body);
  return us === undefined ? undefined : { us, source: 'message' };
}

function waitFromHeaders(text: string | undefined, ms: string | undefined, atUs: number): RequestedWait {
  const raw = clip(text ?? ms ?? '');
  const inMs = ms === undefined ? {} : meantUs('retry-after-ms', ms, atUs);
  if (inMs.us !== undefined || text === undefined) return { raw, ...inMs, source: 'retry-after-ms' };
  return { raw, ...meantUs('retry-after', text, atUs), source: 'retry-after' };
}

/** Only short texts are kept. */
const clip = (text: string): string => text.slice(0, 40);

function meantUs(source: HintSource, raw: string, sentUs: number): { us?: number } {
  const us = meantWaitUs({ source, raw, sentUs, skewUs: 0 });
  return us === undefined ? {} : { us };
}
