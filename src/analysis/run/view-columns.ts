import type { LimitView } from '../../../mock-server/reply.ts';
import { CodedColumn, NumberColumn } from './columns.ts';

/** Limit views of all attempts, stored by column. */
export class ViewColumns {
  readonly limit = new CodedColumn<string>();
  readonly bucket = new CodedColumn<string>();
  readonly unit = new CodedColumn<LimitView['unit']>();
  readonly admit = new CodedColumn<boolean>();
  readonly cost = new NumberColumn();
  readonly before = new NumberColumn();
  readonly after = new NumberColumn();
  rows = 0;

  add({ limit, bucket, unit, cost, admit, before, after }: LimitView): void {
    const row = this.rows++;
    this.limit.put(row, limit);
    this.bucket.put(row, bucket);
    this.unit.put(row, unit);
    this.admit.put(row, admit);
    this.cost.put(row, cost);
    this.before.put(row, before);
    this.after.put(row, after);
  }

  at(row: number): LimitView {
    return {
      limit: this.limit.at(row)!,
      bucket: this.bucket.at(row)!,
      unit: this.unit.at(row)!,
      cost: this.cost.at(row)!,
      admit: this.admit.at(row)!,
      before: this.before.at(row)!,
      after: this.after.at(row)!,
    };
  }
}
