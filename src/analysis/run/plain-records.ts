import type { AttemptRecord, CallRecord } from '../../journal/record.ts';
import { attemptsByCall } from './attempts-by-call.ts';
import type { Attempt, Call } from './run-view.ts';

/** Attempts as objects of their own, which can be compared and copied; for records that are in memory anyway. */
export class PlainAttempts {
  readonly #records: AttemptRecord[] = [];

  add(record: AttemptRecord): void {
    this.#records.push(record);
  }

  /** Everything that was added, by start, each with its number within its call. */
  inOrder(): Attempt[] {
    const seen = new Map<number, number>();
    return this.#records
      .sort((a, b) => a.startUs - b.startUs || a.id - b.id)
      .map((record) => {
        if (record.call === null) return { ...record, number: 1 };
        const number = (seen.get(record.call) ?? 0) + 1;
        seen.set(record.call, number);
        return { ...record, number };
      });
  }
}

/** Calls, likewise. */
export class PlainCalls {
  readonly #calls: (CallRecord & { readonly load: string })[] = [];

  add(record: CallRecord, load: string): void {
    this.#calls.push({ ...record, load });
  }

  /** Everything that was added, by start, each with its attempts, which are given in order. */
  inOrder(attempts: readonly Attempt[]): Call[] {
    const attemptsOf = attemptsByCall(attempts);
    return this.#calls
      .sort((a, b) => a.startUs - b.startUs || a.id - b.id)
      .map((call) => ({ ...call, attempts: attemptsOf.get(call.id) ?? [] }));
  }
}
