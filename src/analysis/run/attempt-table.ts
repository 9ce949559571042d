import type { LimitView } from '../../../mock-server/reply.ts';
import type { AttemptRecord } from '../../journal/call-records.ts';
import { CodedColumn, NumberColumn } from './columns.ts';
import type { Attempt } from './run-view.ts';
import { ViewColumns } from './view-columns.ts';

/** One column per field of an attempt. */
class AttemptColumns {
  readonly id = new NumberColumn();
  readonly call = new NumberColumn();
  readonly number = new NumberColumn();
  readonly startUs = new NumberColumn();
  readonly headersUs = new NumberColumn();
  readonly endUs = new NumberColumn();
  readonly status = new NumberColumn();
  readonly retryAfterUs = new NumberColumn();
  readonly dateSkewUs = new NumberColumn();
  readonly admitAfterUs = new NumberColumn();
  readonly promptTokens = new NumberColumn();
  readonly completionTokens = new NumberColumn();
  readonly answerChars = new NumberColumn();
  readonly sentChars = new NumberColumn();
  readonly bodyBytes = new NumberColumn();
  readonly retryCount = new NumberColumn();
  readonly joinedBy = new CodedColumn<AttemptRecord['joinedBy']>();
  readonly outcome = new CodedColumn<AttemptRecord['outcome']>();
  readonly endpoint = new CodedColumn<string>();
  readonly model = new CodedColumn<string>();
  readonly key = new CodedColumn<string>();
  readonly fault = new CodedColumn<string>();
  readonly errorType = new CodedColumn<string>();
  readonly errorCode = new CodedColumn<string>();
  readonly retryAfterRaw = new CodedColumn<string>();
  readonly shouldRetry = new CodedColumn<boolean>();
  readonly deniedBy = new CodedColumn<string>();
  readonly bodyHash = new CodedColumn<string>();
  readonly ip = new CodedColumn<string>();
  readonly textHash = new CodedColumn<string>();
  readonly stream = new CodedColumn<boolean>();
  readonly idempotencyKey = new CodedColumn<string>();
  readonly userAgent = new CodedColumn<string>();
  readonly answeredBy = new CodedColumn<NonNullable<AttemptRecord['answeredBy']>>();
  readonly upstream = new NumberColumn();
  readonly views = new ViewColumns();
  /** End (exclusive) of the rows in `views` of each attempt. */
  readonly viewsEnd = new NumberColumn();
}

/** Every field is required, so that the compiler finds an optional field without a column. */
type AllFields = { readonly [Field in keyof Required<Attempt>]: Attempt[Field] };

/** One row as an attempt record. */
class AttemptRow implements AllFields {
  readonly #columns: AttemptColumns;
  readonly #row: number;

  constructor(columns: AttemptColumns, row: number) {
    this.#columns = columns;
    this.#row = row;
  }

  get type(): 'attempt' {
    return 'attempt';
  }
  get call(): number | null {
    return this.#columns.call.at(this.#row) ?? null;
  }
  get limits(): LimitView[] {
    const { views, viewsEnd } = this.#columns;
    const end = viewsEnd.at(this.#row)!;
    const limits: LimitView[] = [];
    for (let row = this.#row === 0 ? 0 : viewsEnd.at(this.#row - 1)!; row < end; row++) limits.push(views.at(row));
    return limits;
  }
  get id(): number {
    return this.#columns.id.at(this.#row)!;
  }
  get number(): number {
    return this.#columns.number.at(this.#row)!;
  }
  get startUs(): number {
    return this.#columns.startUs.at(this.#row)!;
  }
  get headersUs(): number | undefined {
    return this.#columns.headersUs.at(this.#row);
  }
  get endUs(): number {
    return this.#columns.endUs.at(this.#row)!;
  }
  get status(): number {
    return this.#columns.status.at(this.#row)!;
  }
  get retryAfterUs(): number | undefined {
    return this.#columns.retryAfterUs.at(this.#row);
  }
  get dateSkewUs(): number | undefined {
    return this.#columns.dateSkewUs.at(this.#row);
  }
  get admitAfterUs(): number | undefined {
    return this.#columns.admitAfterUs.at(this.#row);
  }
  get promptTokens(): number | undefined {
    return this.#columns.promptTokens.at(this.#row);
  }
  get completionTokens(): number | undefined {
    return this.#columns.completionTokens.at(this.#row);
  }
  get answerChars(): number | undefined {
    return this.#columns.answerChars.at(this.#row);
  }
  get sentChars(): number | undefined {
    return this.#columns.sentChars.at(this.#row);
  }
  get bodyBytes(): number {
    return this.#columns.bodyBytes.at(this.#row)!;
  }
  get retryCount(): number | undefined {
    return this.#columns.retryCount.at(this.#row);
  }
  get joinedBy(): AttemptRecord['joinedBy'] {
    return this.#columns.joinedBy.at(this.#row)!;
  }
  get outcome(): AttemptRecord['outcome'] {
    return this.#columns.outcome.at(this.#row)!;
  }
  get endpoint(): string {
    return this.#columns.endpoint.at(this.#row)!;
  }
  get model(): string | undefined {
    return this.#columns.model.at(this.#row);
  }
  get key(): string | undefined {
    return this.#columns.key.at(this.#row);
  }
  get fault(): string | undefined {
    return this.#columns.fault.at(this.#row);
  }
  get errorType(): string | undefined {
    return this.#columns.errorType.at(this.#row);
  }
  get errorCode(): string | undefined {
    return this.#columns.errorCode.at(this.#row);
  }
  get retryAfterRaw(): string | undefined {
    return this.#columns.retryAfterRaw.at(this.#row);
  }
  get shouldRetry(): boolean | undefined {
    return this.#columns.shouldRetry.at(this.#row);
  }
  get deniedBy(): string | undefined {
    return this.#columns.deniedBy.at(this.#row);
  }
  get bodyHash(): string {
    return this.#columns.bodyHash.at(this.#row)!;
  }
  get ip(): string | undefined {
    return this.#columns.ip.at(this.#row);
  }
  get textHash(): string | undefined {
    return this.#columns.textHash.at(this.#row);
  }
  get stream(): boolean {
    return this.#columns.stream.at(this.#row)!;
  }
  get idempotencyKey(): string | undefined {
    return this.#columns.idempotencyKey.at(this.#row);
  }
  get userAgent(): string | undefined {
    return this.#columns.userAgent.at(this.#row);
  }
  get answeredBy(): AttemptRecord['answeredBy'] {
    return this.#columns.answeredBy.at(this.#row);
  }
  get upstream(): number | undefined {
    return this.#columns.upstream.at(this.#row);
  }
}

/**
 * Attempts stored by column, since a million attempt objects exceed the memory of a CI machine. Attempts read from it have
 * the fields of their record except `callTag`, from which `call` was derived.
 */
export class AttemptTable {
  readonly #columns = new AttemptColumns();
  #rows = 0;

  add(record: AttemptRecord): void {
    const columns = this.#columns;
    const row = this.#rows++;
    columns.id.put(row, record.id);
    columns.call.put(row, record.call ?? undefined);
    columns.startUs.put(row, record.startUs);
    columns.headersUs.put(row, record.headersUs);
    columns.endUs.put(row, record.endUs);
    columns.status.put(row, record.status);
    columns.retryAfterUs.put(row, record.retryAfterUs);
    columns.dateSkewUs.put(row, record.dateSkewUs);
    columns.admitAfterUs.put(row, record.admitAfterUs);
    columns.promptTokens.put(row, record.promptTokens);
    columns.completionTokens.put(row, record.completionTokens);
    columns.answerChars.put(row, record.answerChars);
    columns.sentChars.put(row, record.sentChars);
    columns.bodyBytes.put(row, record.bodyBytes);
    columns.retryCount.put(row, record.retryCount);
    columns.joinedBy.put(row, record.joinedBy);
    columns.outcome.put(row, record.outcome);
    columns.endpoint.put(row, record.endpoint);
    columns.model.put(row, record.model);
    columns.key.put(row, record.key);
    columns.fault.put(row, record.fault);
    columns.errorType.put(row, record.errorType);
    columns.errorCode.put(row, record.errorCode);
    columns.retryAfterRaw.put(row, record.retryAfterRaw);
    columns.shouldRetry.put(row, record.shouldRetry);
    columns.deniedBy.put(row, record.deniedBy);
    columns.bodyHash.put(row, record.bodyHash);
    columns.ip.put(row, record.ip);
    columns.textHash.put(row, record.textHash);
    columns.stream.put(row, record.stream);
    columns.idempotencyKey.put(row, record.idempotencyKey);
    columns.userAgent.put(row, record.userAgent);
    columns.answeredBy.put(row, record.answeredBy);
    columns.upstream.put(row, record.upstream);
    for (const view of record.limits) columns.views.add(view);
    columns.viewsEnd.put(row, columns.views.rows);
  }

  /** Returns all attempts in order of start, numbered within their call. */
  inOrder(): Attempt[] {
    const columns = this.#columns;
    const rows = Uint32Array.from({ length: this.#rows }, (_, row) => row).sort(
      (a, b) => columns.startUs.at(a)! - columns.startUs.at(b)! || columns.id.at(a)! - columns.id.at(b)!,
    );
    const lastNumbers = new Map<number, number>();
    return Array.from(rows, (row) => {
      const call = columns.call.at(row);
      const number = call === undefined ? 1 : (lastNumbers.get(call) ?? 0) + 1;
      if (call !== undefined) lastNumbers.set(call, number);
      columns.number.put(row, number);
      return new AttemptRow(columns, row) as Attempt;
    });
  }
}
