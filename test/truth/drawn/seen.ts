import type { Attempt, Call, Run } from '../../../src/analysis/run/run-view.ts';
import type { DrawnClient, Ending } from './client-value.ts';
import type { DrawnCase } from './draw-case.ts';
import { meantWaitMs, readWaitMs, type WaitText } from './reading.ts';
import type { World } from './world.ts';

/** Whether a verdict ought to speak: the client has the fault and met its situation, has it not, or neither can be said. */
export type Expectation = 'fault' | 'clean' | 'open';

/** From an attempt that ended to the next of its call. */
export interface Gap {
  readonly call: Call;
  /** 0 after the first attempt of a round. */
  readonly retry: number;
  readonly before: Attempt;
  readonly next: Attempt;
  readonly gapMs: number;
  readonly ending: Ending;
  /** What the sender meant, and what the client makes of it; undefined for nothing. */
  readonly meantMs: number | undefined;
  readonly readMs: number | undefined;
  /** Neither told nor read: the client took its own wait. */
  readonly isOwn: boolean;
  /** A pause of the loop around the loop. */
  readonly isOuter: boolean;
}

/** What is known of a case that has run: the value, the world, and the journal. Nothing here comes from a verdict. */
export interface Seen {
  readonly client: DrawnClient;
  readonly world: World;
  readonly run: Run;
  readonly gaps: readonly Gap[];
  endingOf(attempt: Attempt): Ending;
}

/** Timers of virtual time are exact to the millisecond; a wait in whole milliseconds may be one short. */
export const TAU_MS = 1;

export function seenIn({ client, world }: DrawnCase, run: Run): Seen {
  const endingOf = (attempt: Attempt): Ending => endingIn(world, attempt);
  const gaps = client.hedgeAfterMs === null ? run.calls.flatMap((call) => gapsOf(call, client, world, run)) : [];
  return { client, world, run, gaps, endingOf };
}

function gapsOf(call: Call, client: DrawnClient, world: World, run: Run): Gap[] {
  return call.attempts.slice(1).map((next, index): Gap => {
    const before = call.attempts[index]!;
    const isOuter = client.attempts !== null && (index + 1) % client.attempts === 0;
    const [text, nowMs] = toldBy(before, world, run);
    const readMs = readWaitMs(client.reading, text, nowMs);
    return {
      call,
      retry: client.attempts === null ? index : index % client.attempts,
      before,
      next,
      gapMs: (next.startUs - before.endUs) / 1000,
      ending: endingIn(world, before),
      meantMs: meantWaitMs(text, nowMs),
      readMs,
      isOwn: readMs === undefined || readMs > client.obeysUpToMs,
      isOuter,
    };
  });
}

/** The texts that requested a wait, from the journal, and when they came on the client's clock. */
function toldBy(attempt: Attempt, { dialect, retryAfter, dateSkew }: World, { header }: Run): [WaitText, number] {
  const nowMs = (header.generated.startedUs + attempt.endUs) / 1000;
  const { retryAfterRaw: raw, retryAfterUs } = attempt;
  if (raw === undefined) return [{}, nowMs];
  if (dialect === 'gemini') return [{ retryInfo: raw }, nowMs];
  const inMs = attempt.fault === undefined && ['next-token', 'slot', 'spread'].includes(String(retryAfter));
  const skewMs = (attempt.dateSkewUs ?? 0) / 1000;
  const date = dateSkew.length > 0 && { date: new Date(Math.floor((nowMs + skewMs) / 1000) * 1000).toUTCString() };
  return [{ retryAfter: raw, ...(inMs && { retryAfterMs: String(retryAfterUs! / 1000) }), ...date }, nowMs];
}

const BILLS = /insufficient_quota|credit|spend_limit|usage_limit/;

/** How an attempt ended, from what the world did to it. */
function endingIn({ limits }: World, { outcome, status, fault, errorCode, errorType, limits: views }: Attempt): Ending {
  if (outcome !== 'response' || fault === 'truncate' || fault === 'quiet-end') return 'broken';
  if (fault === 'error-event') return 'overloaded';
  if (fault === 'error-in-200' || fault === 'malformed-json' || fault === 'content-type') return 'unreadable';
  if (status < 300) return 'answered';
  if (BILLS.test(`${errorCode} ${errorType}`)) return 'spent';
  const isTooLarge = views.some(({ limit, cost }) =>
    limits.some(
      (one) => typeof one === 'object' && one.name === limit && 'capacity' in one && cost > Number(one.capacity),
    ),
  );
  if (status === 429) return isTooLarge ? 'too-large' : 'refused';
  if (status === 503 || status === 529) return 'overloaded';
  return status >= 500 || status === 408 || status === 409 ? 'failed' : 'rejected';
}

/** Decides by a figure of which high values are bad: certain only beyond `clean` and `fault`. */
export function byFigure(figure: number, clean: number, fault: number): Expectation {
  return figure >= fault ? 'fault' : figure <= clean ? 'clean' : 'open';
}
