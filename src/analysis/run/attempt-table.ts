import type { LimitView } from '../../../mock-server/reply.ts';
import type { AttemptRecord } from '../../journal/call-records.ts';
import { NumberColumn } from './columns.ts';
import { defineFields, type FieldKinds, FieldStore, Row } from './field-store.ts';
import type { Attempt } from './run-view.ts';
import { ViewColumns } from './view-columns.ts';

const FIELDS = {
  type: 'own',
  limits: 'own',
  id: 'number',
  call: 'number',
  number: 'number',
  startUs: 'number',
  headersUs: 'number',
  endUs: 'number',
  status: 'number',
  retryAfterUs: 'number',
  resetUs: 'number',
  messageWaitUs: 'number',
  dateSkewUs: 'number',
  admitAfterUs: 'number',
  promptTokens: 'number',
  completionTokens: 'number',
  answerChars: 'number',
  sentChars: 'number',
  bodyBytes: 'number',
  retryCount: 'number',
  upstream: 'number',
  joinedBy: 'coded',
  outcome: 'coded',
  endpoint: 'coded',
  model: 'coded',
  key: 'coded',
  fault: 'coded',
  errorType: 'coded',
  errorCode: 'coded',
  defect: 'coded',
  retryAfterRaw: 'coded',
  retryAfterSource: 'coded',
  resetRaw: 'coded',
  shouldRetry: 'coded',
  deniedBy: 'coded',
  bodyHash: 'coded',
  ip: 'coded',
  textHash: 'coded',
  stream: 'coded',
  idempotencyKey: 'coded',
  job: 'coded',
  userAgent: 'coded',
  answeredBy: 'coded',
  replica: 'coded',
  provider: 'coded',
} satisfies FieldKinds<Attempt>;

class AttemptStore extends FieldStore {
  readonly call = this.numberColumn('call');
  readonly views = new ViewColumns();
  /** End (exclusive) of the rows in `views` of each attempt. */
  readonly viewsEnd = new NumberColumn();
}

/** One row as an attempt record. */
class AttemptRow extends Row<AttemptStore> {
  get type(): 'attempt' {
    return 'attempt';
  }
  get call(): number | null {
    return this.store.call.at(this.row) ?? null;
  }
  get limits(): LimitView[] {
    const { views, viewsEnd } = this.store;
    const end = viewsEnd.at(this.row)!;
    const limits: LimitView[] = [];
    for (let row = this.row === 0 ? 0 : viewsEnd.at(this.row - 1)!; row < end; row++) limits.push(views.at(row));
    return limits;
  }
}
defineFields(AttemptRow, FIELDS);

/** Attempts stored by column. They have the fields of their record except `callTag`, from which `call` was derived. */
export class AttemptTable {
  readonly #store = new AttemptStore(FIELDS);

  add(record: AttemptRecord): void {
    const { views, viewsEnd } = this.#store;
    const row = this.#store.add(record);
    for (const view of record.limits) views.add(view);
    viewsEnd.put(row, views.rows);
  }

  /** Returns all attempts in order of start, numbered within their call. */
  inOrder(): Attempt[] {
    const store = this.#store;
    const numbers = store.numberColumn('number');
    const lastNumbers = new Map<number, number>();
    return Array.from(store.rowsByStart(), (row) => {
      const call = store.call.at(row);
      const number = call === undefined ? 1 : (lastNumbers.get(call) ?? 0) + 1;
      if (call !== undefined) lastNumbers.set(call, number);
      numbers.put(row, number);
      return new AttemptRow(store, row) as unknown as Attempt;
    });
  }
}
