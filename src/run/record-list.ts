import type { JournalRecord } from '../journal/record.ts';
import type { RunContext } from './run-context.ts';

/** The records of a run so far; none if the run keeps none. */
export interface RecordList {
  readonly all: readonly JournalRecord[];
  add(record: JournalRecord): void;
}

/** Creates the list of a run's records, which passes each on. `shouldStop` needs them all. */
export function createRecordList({
  onRecord,
  keepsRecords = true,
  shouldStop,
}: Pick<RunContext, 'onRecord' | 'keepsRecords' | 'shouldStop'>): RecordList {
  const all: JournalRecord[] = [];
  const isKept = keepsRecords || shouldStop !== undefined;
  return {
    all,
    add(record) {
      if (isKept) all.push(record);
      onRecord?.(record);
    },
  };
}
