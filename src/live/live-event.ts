import type { HeaderRecord, JournalRecord } from '../journal/record.ts';

/** The start of what a viewer sees, and of every further run. */
export interface LiveHello {
  readonly kind: 'hello';
  /** Whether the viewer may change limits and faults. */
  readonly hasControl: boolean;
  /** Whether the records that follow are counts of seconds, since there are too many to send each. */
  readonly counted: boolean;
  /** Absent until the run has started. */
  readonly header?: HeaderRecord;
}

/**
 * What the live page is sent. `skipped`: records that it came too late for. `recent`: the last attempts where they are counted.
 * `over`: nothing more will come.
 */
export type LiveEvent =
  | LiveHello
  | {
      readonly kind: 'records';
      readonly records: readonly JournalRecord[];
      readonly skipped: number;
      readonly recent: readonly JournalRecord[];
    }
  | { readonly kind: 'over' };
