import type { CallRecord } from '../../journal/call-records.ts';
import { attemptsByCall } from './attempts-by-call.ts';
import { CodedColumn, NumberColumn } from './columns.ts';
import type { Attempt, Call } from './run-view.ts';

/** One column per field of a call. Errors are few, so they are kept in a map. */
class CallColumns {
  readonly id = new NumberColumn();
  readonly vu = new NumberColumn();
  readonly iteration = new NumberColumn();
  readonly scheduledUs = new NumberColumn();
  readonly startUs = new NumberColumn();
  readonly endUs = new NumberColumn();
  readonly outputSize = new NumberColumn();
  readonly result = new CodedColumn<CallRecord['result']>();
  readonly fallback = new CodedColumn<true>();
  readonly load = new CodedColumn<string>();
  readonly errors = new Map<number, CallRecord['error']>();
}

/** Every field is required, so that the compiler finds an optional field without a column. */
type AllFields = { readonly [Field in keyof Required<Call>]: Call[Field] };

/** One row as a call record with its attempts. */
class CallRow implements AllFields {
  readonly #columns: CallColumns;
  readonly #row: number;
  readonly attempts: readonly Attempt[];

  constructor(columns: CallColumns, row: number, attempts: readonly Attempt[]) {
    this.#columns = columns;
    this.#row = row;
    this.attempts = attempts;
  }

  get type(): 'call' {
    return 'call';
  }
  get id(): number {
    return this.#columns.id.at(this.#row)!;
  }
  get vu(): number {
    return this.#columns.vu.at(this.#row)!;
  }
  get iteration(): number {
    return this.#columns.iteration.at(this.#row)!;
  }
  get scheduledUs(): number {
    return this.#columns.scheduledUs.at(this.#row)!;
  }
  get startUs(): number {
    return this.#columns.startUs.at(this.#row)!;
  }
  get endUs(): number {
    return this.#columns.endUs.at(this.#row)!;
  }
  get result(): CallRecord['result'] {
    return this.#columns.result.at(this.#row)!;
  }
  get error(): CallRecord['error'] {
    return this.#columns.errors.get(this.#row);
  }
  get outputSize(): number | undefined {
    return this.#columns.outputSize.at(this.#row);
  }
  get fallback(): true | undefined {
    return this.#columns.fallback.at(this.#row);
  }
  get load(): string {
    return this.#columns.load.at(this.#row)!;
  }
}

const NO_ATTEMPTS: readonly Attempt[] = [];

/** Calls stored by column, like attempts (`attempt-table.ts`). */
export class CallTable {
  readonly #columns = new CallColumns();
  #rows = 0;

  add(record: CallRecord, load: string): void {
    const columns = this.#columns;
    const row = this.#rows++;
    columns.id.put(row, record.id);
    columns.vu.put(row, record.vu);
    columns.iteration.put(row, record.iteration);
    columns.scheduledUs.put(row, record.scheduledUs);
    columns.startUs.put(row, record.startUs);
    columns.endUs.put(row, record.endUs);
    columns.outputSize.put(row, record.outputSize);
    columns.result.put(row, record.result);
    columns.fallback.put(row, record.fallback);
    columns.load.put(row, load);
    if (record.error) columns.errors.set(row, record.error);
  }

  /** Returns all calls in order of start, each with its attempts; `attempts` must be in order. */
  inOrder(attempts: readonly Attempt[]): Call[] {
    const { id, startUs } = this.#columns;
    const byCall = attemptsByCall(attempts);
    const rows = Uint32Array.from({ length: this.#rows }, (_, row) => row).sort(
      (a, b) => startUs.at(a)! - startUs.at(b)! || id.at(a)! - id.at(b)!,
    );
    return Array.from(rows, (row) => new CallRow(this.#columns, row, byCall.get(id.at(row)!) ?? NO_ATTEMPTS) as Call);
  }
}
