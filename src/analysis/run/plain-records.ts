import type { AttemptRecord, CallRecord } from '../../journal/call-records.ts';
import { attemptsByCall } from './attempts-by-call.ts';
import type { Attempt, Call } from './run-view.ts';

/** Attempts as plain objects, which can be compared and copied; for records already in memory. */
export class PlainAttempts {
  readonly records: AttemptRecord[] = [];

  add(record: AttemptRecord): void {
    this.records.push(record);
  }

  /** Returns all attempts in order of start, numbered within their call. */
  inOrder(): Attempt[] {
    const lastNumbers = new Map<number, number>();
    return this.records
      .sort((a, b) => a.startUs - b.startUs || a.id - b.id)
      .map((record) => {
        if (record.call === null) return { ...record, number: 1 };
        const number = (lastNumbers.get(record.call) ?? 0) + 1;
        lastNumbers.set(record.call, number);
        return { ...record, number };
      });
  }
}

/** Calls as plain objects. */
export class PlainCalls {
  readonly records: { readonly record: CallRecord; readonly load: string }[] = [];

  add(record: CallRecord, load: string): void {
    this.records.push({ record, load });
  }

  /** Returns all calls in order of start, each with its attempts; `attempts` must be in order. */
  inOrder(attempts: readonly Attempt[]): Call[] {
    const byCall = attemptsByCall(attempts);
    return this.records
      .sort(({ record: a }, { record: b }) => a.startUs - b.startUs || a.id - b.id)
      .map(({ record, load }) => ({ ...record, load, attempts: byCall.get(record.id) ?? [] }));
  }
}
