import type { CallRecord } from '../../journal/call-records.ts';
import { attemptsByCall } from './attempts-by-call.ts';
import { defineFields, type FieldKinds, FieldStore, Row } from './field-store.ts';
import type { Attempt, Call } from './run-view.ts';

const FIELDS = {
  type: 'own',
  attempts: 'own',
  id: 'number',
  vu: 'number',
  iteration: 'number',
  scheduledUs: 'number',
  startUs: 'number',
  endUs: 'number',
  outputSize: 'number',
  result: 'coded',
  error: 'coded',
  fallback: 'coded',
  load: 'coded',
  job: 'coded',
  client: 'coded',
  replica: 'coded',
  kind: 'coded',
} satisfies FieldKinds<Call>;

const NO_ATTEMPTS: readonly Attempt[] = [];

/** One row as a call record with its attempts. */
class CallRow extends Row {
  readonly attempts: readonly Attempt[];

  constructor(store: FieldStore, row: number, attempts = NO_ATTEMPTS) {
    super(store, row);
    this.attempts = attempts;
  }

  get type(): 'call' {
    return 'call';
  }
}
defineFields(CallRow, FIELDS);

/** Calls stored by column, like attempts (`attempt-table.ts`). */
export class CallTable {
  readonly #store = new FieldStore(FIELDS);
  readonly #loads = this.#store.codedColumn('load');

  add(record: CallRecord, load: string): void {
    this.#loads.put(this.#store.add(record), load);
  }

  /** Returns all calls in order of start, each with its attempts; `attempts` must be in order. */
  inOrder(attempts: readonly Attempt[]): Call[] {
    const store = this.#store;
    const id = store.numberColumn('id');
    const byCall = attemptsByCall(attempts);
    return Array.from(
      store.rowsByStart(),
      (row) => new CallRow(store, row, byCall.get(id.at(row)!)) as unknown as Call,
    );
  }
}
