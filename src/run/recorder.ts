import type { JournalWriter } from '../journal/journal-writer.ts';
import type { JournalRecord } from '../journal/record.ts';

/** Everything a run has recorded, in memory for the analysis and, once there is a journal, on disk. */
export interface Recorder {
  readonly records: readonly JournalRecord[];
  write(record: JournalRecord): void;
  flush(): void;
  close(): void;
}

/** Records before `openJournal` was called would come before the header; a run opens it first thing. */
export function createRecorder(openJournal: () => JournalWriter): Recorder & { open(): void } {
  const records: JournalRecord[] = [];
  let journal: JournalWriter | undefined;
  return {
    records,
    open() {
      journal = openJournal();
    },
    write(record) {
      if (!journal) return;
      records.push(record);
      journal.write(record);
    },
    flush: () => journal?.flush(),
    close: () => journal?.close(),
  };
}
