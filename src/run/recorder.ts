import type { JournalWriter } from '../journal/journal-writer.ts';
import type { HeaderRecord, JournalRecord } from '../journal/record.ts';
import { createRecordList, type RecordList } from './record-list.ts';

/** The records of a run: in memory, and in the journal. */
export interface Recorder {
  readonly records: readonly JournalRecord[];
  write(record: JournalRecord): void;
  close(): void;
}

/**
 * Creates a recorder and writes the header, which precedes every other record. `redact` is applied to each record. Closes
 * `journal` when it is closed.
 */
export function createRecorder(
  header: HeaderRecord,
  redact: (record: JournalRecord) => JournalRecord,
  journal?: Pick<JournalWriter, 'write' | 'close'>,
  records: RecordList = createRecordList({}),
): Recorder {
  const write = (given: JournalRecord): void => {
    const record = redact(given);
    records.add(record);
    journal?.write(record);
  };
  write(header);
  return { records: records.all, write, close: () => journal?.close() };
}
