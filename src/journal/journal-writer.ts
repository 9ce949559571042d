import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { JournalRecord } from './record.ts';

/** A record as it stands in a journal. */
export function lineOf(record: JournalRecord): string {
  return JSON.stringify(record) + '\n';
}

/** Records are gathered up to this many characters before they are written out. */
const BUFFER_CHARACTERS = 64 * 1024;

export interface JournalWriter {
  write(record: JournalRecord): void;
  /** Takes whole lines as they are. */
  writeLines(lines: string): void;
  /** Puts what is buffered on disk, so that a crash loses nothing older. */
  flush(): void;
  close(): void;
}

/**
 * Writes a journal as the run goes, a JSON object a line (`record.ts`). Only whole lines are handed to the system, so a
 * file that was cut off reads up to its last whole line. Throws `journal/not-writable`.
 */
export function createJournalWriter(file: string): JournalWriter {
  const descriptor = open(file);
  let buffer = '';
  function flush(): void {
    if (buffer === '') return;
    const bytes = Buffer.from(buffer);
    buffer = '';
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  }
  function writeLines(lines: string): void {
    buffer += lines;
    if (buffer.length >= BUFFER_CHARACTERS) flush();
  }
  return {
    write: (record) => writeLines(lineOf(record)),
    writeLines,
    flush,
    close() {
      flush();
      closeSync(descriptor);
    },
  };
}

/** Writes a journal that is already whole. Throws `journal/not-writable`. */
export function writeJournal(file: string, records: readonly JournalRecord[]): void {
  const writer = createJournalWriter(file);
  for (const record of records) writer.write(record);
  writer.close();
}

function open(file: string): number {
  try {
    // Another run that still writes here keeps the file that it has: two in one would be none.
    rmSync(file, { force: true });
    return openSync(file, 'w');
  } catch (cause) {
    throw new QuotaLabError('journal/not-writable', `cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
}
