import type { JournalWriter } from '../journal/journal-writer.ts';
import type { JournalRecord } from '../journal/record.ts';

/** The records of a run: in memory for the analysis, and in the journal. */
export interface Recorder {
  readonly records: readonly JournalRecord[];
  write(record: JournalRecord): void;
  flush(): void;
  close(): void;
}

/** Creates a recorder. Records written before `open` are dropped, since they would precede the header. */
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
