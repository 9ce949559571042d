import { expect, it } from 'vitest';
import type { HeaderRecord, JournalRecord } from '../../../src/journal/record.ts';
import { createRecorder } from '../../../src/run/recorder.ts';

const HEADER = { type: 'header' } as HeaderRecord;
const CALL = { type: 'dropped', scheduledUs: 1 } as JournalRecord;

it('keeps and writes every record from its creation on, the header first', () => {
  const written: JournalRecord[] = [];
  const journal = { write: (record: JournalRecord) => void written.push(record), close: () => undefined };
  const recorder = createRecorder(HEADER, (record) => record, journal);
  recorder.write(CALL);
  expect(recorder.records).toEqual([HEADER, CALL]);
  expect(written).toEqual([HEADER, CALL]);
});
