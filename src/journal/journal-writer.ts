import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import type { QuotaLabError } from '../../mock-server/error.ts';
import { writeError } from '../files/write-error.ts';
import { replaceWhole } from '../files/write-files.ts';
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
  /** Resolves if a write fails. The journal then ends with its last complete line, and nothing more is written to it. */
  readonly failed: Promise<QuotaLabError>;
  /** Writes what is buffered. Returns why the journal is not complete, if a write failed. */
  close(): QuotaLabError | undefined;
}

/**
 * Creates a writer for a journal: one JSON object per line (`record.ts`). Lines are passed to the system before the event loop
 * turns, so that a process that is killed loses none of those it has written before. Only complete lines are, so a journal
 * that was cut off is readable up to its last complete line. Throws `journal/not-writable` if it cannot be opened.
 */
export function createJournalWriter(file: string): JournalWriter {
  const lines = createLineFile(file);
  const { promise: failed, resolve: fail } = Promise.withResolvers<QuotaLabError>();
  let error: QuotaLabError | undefined;
  let buffer = '';
  let isScheduled = false;

  function attempt(act: () => void): void {
    try {
      act();
    } catch (cause) {
      error ??= writeError('journal/not-writable', file, cause);
      fail(error);
    }
  }
  function flush(): void {
    isScheduled = false;
    const text = buffer;
    buffer = '';
    if (text !== '' && !error) attempt(() => lines.append(text));
  }
  function writeLines(text: string): void {
    buffer += text;
    if (buffer.length >= MAX_BUFFERED_CHARS) flush();
    else if (!isScheduled) {
      isScheduled = true;
      setImmediate(flush);
    }
  }
  return {
    write: (record) => writeLines(formatRecord(record)),
    writeLines,
    failed,
    close() {
      flush();
      attempt(lines.close);
      return error;
    },
  };
}

/** Writes a complete journal, or none: what the file held before is then unchanged. Throws `journal/not-writable`. */
export function writeJournal(file: string, records: readonly JournalRecord[]): void {
  replaceWhole(file, 'journal/not-writable', (part) => {
    const writer = createJournalWriter(part);
    for (const record of records) writer.write(record);
    const error = writer.close();
    if (error) throw error;
  });
}

interface LineFile {
  /** Appends lines. If not all of them can be written, the file ends with the last complete one, and this throws. */
  append(lines: string): void;
  close(): void;
}

function createLineFile(file: string): LineFile {
  const descriptor = openForWriting(file);
  let size = 0;
  let isOpen = true;
  return {
    append(lines) {
      const bytes = Buffer.from(lines);
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
        size += written;
      } catch (error) {
        size += bytes.subarray(0, written).lastIndexOf('\n') + 1;
        ftruncateSync(descriptor, size);
        throw error;
      }
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(descriptor);
    },
  };
}

function openForWriting(file: string): number {
  try {
    // Removed, not truncated: another run that is still writing keeps its own file, and the two are not mixed.
    rmSync(file, { force: true });
    return openSync(file, 'w');
  } catch (cause) {
    throw writeError('journal/not-writable', file, cause);
  }
}
