import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { JournalRecord } from './record.ts';

/** Formats a record as a line of a journal, with its newline. */
export function formatRecord(record: JournalRecord): string {
  return JSON.stringify(record) + '\n';
}

/** Characters to buffer before writing. */
const MAX_BUFFERED_CHARS = 64 * 1024;

export interface JournalWriter {
  write(record: JournalRecord): void;
  /** Writes complete lines unchanged. */
  writeLines(lines: string): void;
  /** Writes the buffered lines to the file, so that a crash cannot lose them. */
  flush(): void;
  close(): void;
}

/**
 * Creates a writer for a journal: one JSON object per line (`record.ts`). Only complete lines are passed to the system, so a
 * journal that was cut off is readable up to its last complete line. Throws `journal/not-writable`.
 */
export function createJournalWriter(file: string): JournalWriter {
  const descriptor = openForWriting(file);
  let buffer = '';
  function flush(): void {
    if (buffer === '') return;
    const bytes = Buffer.from(buffer);
    buffer = '';
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  }
  function writeLines(lines: string): void {
    buffer += lines;
    if (buffer.length >= MAX_BUFFERED_CHARS) flush();
  }
  return {
    write: (record) => writeLines(formatRecord(record)),
    writeLines,
    flush,
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

/** Writes a complete journal. Throws `journal/not-writable`. */
export function writeJournal(file: string, records: readonly JournalRecord[]): void {
  const writer = createJournalWriter(file);
  for (const record of records) writer.write(record);
  writer.close();
}

function openForWriting(file: string): number {
  try {
    // Removed, not truncated: another run that is still writing keeps its own file, and the two are not mixed.
    rmSync(file, { force: true });
    return openSync(file, 'w');
  } catch (cause) {
    throw new QuotaLabError('journal/not-writable', `cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
}
