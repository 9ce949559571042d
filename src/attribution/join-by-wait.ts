import { resolutionOf, retryWindowUs, toldUs } from './ending.ts';
import type { Trace } from './trace.ts';
import type { Span, Waits } from './waits.ts';

/** A failure after which the next attempt of its call may come. */
interface Waiting<One extends Trace> {
  readonly span: Span;
  /** Whether one is sure to come. */
  readonly sure: boolean;
  /** Absent where the failure itself may be more than one call's. */
  readonly call: Call<One> | undefined;
}

interface Call<One extends Trace> {
  readonly attempts: One[];
  /** It may have made attempts that others may have made too. */
  doubtful: boolean;
}

/**
 * Joins attempts that sent one body, of several calls, by what their client does elsewhere: after each failure its next
 * attempt comes within a span that is known. What comes in no span begins a call; what comes in one span alone, and alone,
 * goes on with that call; all else, and every call that it may be of, is joined to nothing. `same` is in order of start.
 */
export function joinByWait<One extends Trace>(same: readonly One[], waits: Waits): One[][] {
  const calls: Call<One>[] = [];
  let waiting: Waiting<One>[] = [];
  for (const [place, attempt] of same.entries()) {
    waiting = waiting.filter(({ span }) => span.toUs >= attempt.startUs);
    const before = waiting.filter(({ span }) => span.fromUs <= attempt.startUs);
    const [only] = before;
    let call: Call<One> | undefined;
    if (!only) {
      call = { attempts: [], doubtful: false };
      calls.push(call);
    } else if (before.length === 1 && only.sure && only.call && isAlone(same, place, only.span)) {
      call = only.call;
      waiting.splice(waiting.indexOf(only), 1);
    } else {
      for (const { call: one } of before) if (one) one.doubtful = true;
    }
    call?.attempts.push(attempt);
    const next = waitingAfter(attempt, call, waits);
    if (next) waiting.push(next);
  }
  return calls.filter(({ doubtful }) => !doubtful).map(({ attempts }) => attempts);
}

/** Whether no other attempt comes in the span in which the one at `place` does. */
function isAlone(same: readonly Trace[], place: number, { fromUs, toUs }: Span): boolean {
  return !((same[place - 1]?.startUs ?? -Infinity) >= fromUs) && !((same[place + 1]?.startUs ?? Infinity) <= toUs);
}

function waitingAfter<One extends Trace>(
  attempt: One,
  call: Call<One> | undefined,
  waits: Waits,
): Waiting<One> | undefined {
  const next = call ? waits.after(attempt, call.attempts.length) : waits.afterAny(attempt);
  if (next === 'never') return undefined;
  if (next !== 'unknown') return { span: next, sure: true, call };
  const failedUs = toldUs(attempt);
  return {
    span: { fromUs: failedUs - resolutionOf(attempt), toUs: failedUs + retryWindowUs(attempt) },
    sure: false,
    call,
  };
}
