import { isAnswered } from '../run/attempts.ts';
import type { Attempt, Call } from '../run/run-view.ts';

/**
 * Where the time of a call goes. `held`: before its first attempt. `flight`: in an attempt. `told`: between two attempts, as long
 * as the provider asked it to wait. `own`: the rest of a gap between two attempts. `after`: from its last attempt to its end.
 */
export type LedgerEntry = 'held' | 'flight' | 'told' | 'own' | 'after';

/** Consecutive time of a call under one entry, in microseconds since the start of the run; never empty. */
export interface LedgerSpan {
  readonly entry: LedgerEntry;
  readonly startUs: number;
  readonly endUs: number;
  /** The attempt in flight, or the one that the wait follows; absent for `held`. */
  readonly attempt?: Attempt;
}

/** The ledger of one call: its spans, in order and without gaps, from when it should have started to its end. */
export interface CallLedger {
  readonly startUs: number;
  readonly endUs: number;
  readonly spans: readonly LedgerSpan[];
}

/** Returns until when the reply of an attempt asked the client to wait; undefined if it did not. */
export type HintedUntil = (attempt: Attempt) => number | undefined;

/** Reads the requested wait as RFC 9110 means it: from when the head of the reply was sent. */
export const hintedByRetryAfter: HintedUntil = ({ outcome, status, headersUs, endUs, retryAfterUs }) =>
  retryAfterUs === undefined || outcome !== 'response' || status < 400
    ? undefined
    : (headersUs ?? endUs) + retryAfterUs;

/**
 * Accounts for every microsecond of a call, once (`judge.md` 1). While several attempts are open the time is `flight`. The time
 * of an open call after its last attempt is a gap, like one between attempts, unless that attempt was answered.
 */
export function keepLedger(call: Call, hintedUntil: HintedUntil = hintedByRetryAfter): CallLedger {
  const startUs = Math.min(call.scheduledUs, call.startUs);
  const book = new Book(startUs, Math.max(call.endUs, startUs));
  let previous: Attempt | undefined;
  for (const attempt of call.attempts) {
    if (previous) book.addGap(previous, attempt.startUs, hintedUntil);
    else book.add('held', attempt.startUs);
    book.add('flight', attempt.endUs, attempt);
    if (!previous || attempt.endUs >= previous.endUs) previous = attempt;
  }
  if (!previous) book.add('held', Infinity);
  else if (call.result === 'open' && !isAnswered(previous)) book.addGap(previous, Infinity, hintedUntil);
  else book.add('after', Infinity, previous);
  return { startUs, endUs: book.endUs, spans: book.spans };
}

/** Sums the time under each entry. The sum of all entries is the duration of the call. */
export function sumEntries({ spans }: CallLedger): Record<LedgerEntry, number> {
  const sums = { held: 0, flight: 0, told: 0, own: 0, after: 0 };
  for (const { entry, startUs, endUs } of spans) sums[entry] += endUs - startUs;
  return sums;
}

/** Adds spans one after the other, within the life of the call. */
class Book {
  readonly endUs: number;
  readonly spans: LedgerSpan[] = [];
  #doneUs: number;

  constructor(startUs: number, endUs: number) {
    this.#doneUs = startUs;
    this.endUs = endUs;
  }

  /** Books the time from the last span to `untilUs`, if there is any. */
  add(entry: LedgerEntry, untilUs: number, attempt?: Attempt): void {
    const startUs = this.#doneUs;
    const endUs = Math.min(untilUs, this.endUs);
    if (endUs <= startUs) return;
    this.spans.push({ entry, startUs, endUs, ...(attempt && { attempt }) });
    this.#doneUs = endUs;
  }

  addGap(after: Attempt, untilUs: number, hintedUntil: HintedUntil): void {
    this.add('told', Math.min(hintedUntil(after) ?? 0, untilUs), after);
    this.add('own', untilUs, after);
  }
}
