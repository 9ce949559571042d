import { closeSync, openSync, readSync } from 'node:fs';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { missingRecords } from './missing-records.ts';
import { JOURNAL_VERSION, type JournalRecord } from './record.ts';
import { recordFault } from './record-fault.ts';

const CHUNK_BYTES = 1024 * 1024;
/** More than these are not listed. */
const MOST_PROBLEMS = 10;

/**
 * Reads a journal record by record, so that one larger than memory can be read. A last line that is not whole is left
 * out: the run was cut off there. Throws `journal/not-found`, `journal/not-a-journal`, `journal/newer-version`, or, when
 * all has been read, `journal/damaged` with the lines that are no records or how many are missing.
 */
export function* journalRecords(file: string): Generator<JournalRecord> {
  const problems: Problem[] = [];
  let line = 0;
  let damaged = 0;
  let open: Problem | undefined;
  const missing = missingRecords();
  const tell = (problem: Problem): void => {
    if (++damaged <= MOST_PROBLEMS) problems.push(problem);
  };
  for (const text of lines(file)) {
    line++;
    if (text === '' || text.trim() === '') continue;
    // A line that is no JSON is damage where others follow it.
    if (open) tell(open);
    open = undefined;
    const record = parsed(text);
    if (line === 1) checkHeader(file, record);
    const message = record === undefined ? 'is no JSON, and others follow it' : recordFault(record, line);
    if (message === undefined) {
      missing.add(record as JournalRecord);
      yield record as JournalRecord;
    } else if (record === undefined) open = { path: '', file, line, message };
    else tell({ path: '', file, line, message });
  }
  if (line === 0 || (line === 1 && open)) checkHeader(file, undefined);
  if (damaged > 0) throw damagedLines(file, damaged, problems);
  const faults = missing.faults();
  if (faults.length === 0) return;
  const holes = faults.map((message) => ({ path: '', file, message }));
  throw new QuotaLabError('journal/damaged', `${file} has holes`, { problems: holes });
}

function damagedLines(file: string, damaged: number, problems: readonly Problem[]): QuotaLabError {
  const more = damaged > MOST_PROBLEMS ? `; ${damaged - MOST_PROBLEMS} more are not listed` : '';
  return new QuotaLabError('journal/damaged', `${file} is damaged in ${damaged} lines${more}`, { problems });
}

/** The same, all at once. */
export async function readJournal(file: string): Promise<JournalRecord[]> {
  return [...journalRecords(file)];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The lines of a file, the last one whether it has an end or not. */
function* lines(file: string): Generator<string> {
  const descriptor = opened(file);
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let kept = 0;
    for (;;) {
      if (kept === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const read = readSync(descriptor, buffer, kept, buffer.length - kept, null);
      const filled = kept + read;
      if (read === 0) {
        if (kept > 0) yield buffer.toString('utf8', 0, kept);
        return;
      }
      const end = buffer.lastIndexOf(0x0a, filled - 1);
      if (end >= 0) yield* buffer.toString('utf8', 0, end).split('\n');
      buffer.copyWithin(0, end + 1, filled);
      kept = filled - end - 1;
    }
  } finally {
    closeSync(descriptor);
  }
}

function opened(file: string): number {
  try {
    const descriptor = openSync(file, 'r');
    // A folder opens, and cannot be read.
    readSync(descriptor, Buffer.alloc(0));
    return descriptor;
  } catch (cause) {
    throw new QuotaLabError('journal/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function checkHeader(file: string, first: unknown): void {
  const { type, version, scenario, tool } = (first ?? {}) as Partial<Record<string, unknown>>;
  if (type !== 'header' || typeof version !== 'number' || !scenario) {
    throw new QuotaLabError('journal/not-a-journal', `${file} is no QuotaLab journal: its first line is no header`);
  }
  if (version > JOURNAL_VERSION) {
    const message = `${file} has format ${version}, written by ${tool}; this version reads up to ${JOURNAL_VERSION}`;
    throw new QuotaLabError('journal/newer-version', message);
  }
}
