import { lastTokenUs, tokenTimesUs } from '../../mock-server/completion/latency.ts';
import type { RetryAfterHeaders } from '../../mock-server/dialects/dialect.ts';
import { parseHttpDate } from '../../mock-server/dialects/http-date.ts';
import type { Random } from '../../mock-server/random.ts';
import { MIN_REPLY_US, type ProviderView } from '../../mock-server/reply.ts';
import type { Latency } from '../../mock-server/settings.ts';
import type { Failure } from '../retry/policy.ts';

/** The reply to one request. Times are microseconds after it was received, rounded up to milliseconds. */
export interface ModelReply {
  /** Identifies the request in `finish`. */
  readonly id: number;
  readonly ok: boolean;
  /** Absent if no head is sent. */
  readonly headAfterUs?: number;
  /** Infinity for a reply that never ends by itself. */
  readonly endAfterUs: number;
  /** Whether the connection breaks then. */
  readonly breaks?: true;
  /** The input of a retry policy; absent for a success. A reply that broke, or cannot be read, is one without a status. */
  readonly failure?: Failure;
  /** Returns the provider's view for the journal. Call it immediately or not at all: it reads the current limit state. */
  view(call: number): ProviderView;
}

/** Returns when the head and the last byte of a generated answer are due. */
export function replyTimes(
  latency: Latency,
  tokens: number,
  stream: boolean,
  random: Random,
): { headUs: number; endUs: number } {
  if (!stream) {
    const endUs = lastTokenUs(latency, tokens, random);
    return { headUs: endUs, endUs };
  }
  const all = tokenTimesUs(latency, tokens, random);
  return { headUs: all[0]!, endUs: all.at(-1)! };
}

/** Delays a reply because of a `slow` fault. */
export function delayReply(reply: ModelReply, byUs: number): ModelReply {
  if (byUs === 0) return reply;
  const { view } = reply;
  return {
    ...reply,
    headAfterUs: wholeMs(reply.headAfterUs! + byUs),
    endAfterUs: wholeMs(reply.endAfterUs + byUs),
    view: (call) => ({ ...view(call), fault: 'slow' }),
  };
}

/** Rounds a time after receipt up to milliseconds, the ticks of virtual time. */
export function wholeMs(us: number): number {
  return Math.max(MIN_REPLY_US, Math.ceil(us / 1000) * 1000);
}

/** An error reply, which comes at once, as the client's policy sees it. */
export function failedReply(
  id: number,
  status: number | undefined,
  retryAfter?: RetryAfterHeaders,
): Omit<ModelReply, 'view'> {
  const { seconds, milliseconds } = requestedWaits(retryAfter);
  const failure = { status, seconds, milliseconds };
  return { id, ok: false, headAfterUs: MIN_REPLY_US, endAfterUs: MIN_REPLY_US, failure };
}

const NO_RETRY_AFTER: Pick<Failure, 'seconds' | 'milliseconds'> = {};

function requestedWaits(retryAfter: RetryAfterHeaders | undefined): Pick<Failure, 'seconds' | 'milliseconds'> {
  if (!retryAfter) return NO_RETRY_AFTER;
  const { headers, raw, statedWaitUs, source } = retryAfter;
  // Clients that read headers do not see a wait stated in the body.
  if (headers['retry-after'] === undefined && headers['retry-after-ms'] === undefined) return NO_RETRY_AFTER;
  const ms = headers['retry-after-ms'];
  const number = Number(raw);
  // A date counts as the wait until it; anything that is neither a number nor a date is ignored.
  const isDate = source === 'retry-after' && parseHttpDate(raw) !== undefined;
  const seconds = number >= 0 ? number : isDate && statedWaitUs !== undefined ? statedWaitUs / 1e6 : undefined;
  return { milliseconds: ms === undefined ? undefined : Number(ms), seconds };
}
