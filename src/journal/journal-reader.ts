import { closeSync, openSync, readSync } from 'node:fs';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { tryParseJson } from '../../mock-server/json-value.ts';
import { createMissingRecordCheck } from './missing-records.ts';
import { JOURNAL_VERSION, type JournalRecord } from './record.ts';
import { findRecordProblem } from './record-problem.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Further problems are only counted. */
const MAX_LISTED_PROBLEMS = 10;

/**
 * Reads a journal record by record, so it may be larger than memory. An incomplete last line is skipped: the run was cut off
 * there. Throws `journal/not-found`, `journal/not-a-journal`, `journal/newer-version`, and after the last record
 * `journal/damaged` with the invalid lines or the numbers of missing records.
 */
export function* readJournalRecords(file: string): Generator<JournalRecord> {
  const problems: Problem[] = [];
  let line = 0;
  let damaged = 0;
  let unparsed: Problem | undefined;
  const missing = createMissingRecordCheck();
  const report = (problem: Problem): void => {
    if (++damaged <= MAX_LISTED_PROBLEMS) problems.push(problem);
  };
  for (const text of readLines(file)) {
    line++;
    if (text === '' || text.trim() === '') continue;
    // An unparsable line is damage only if other lines follow it.
    if (unparsed) report(unparsed);
    unparsed = undefined;
    const record = tryParseJson(text);
    if (line === 1) checkHeader(file, record);
    const message = record === undefined ? 'is not valid JSON' : findRecordProblem(record, line);
    if (message === undefined) {
      missing.add(record as JournalRecord);
      yield record as JournalRecord;
    } else if (record === undefined) unparsed = { path: '', file, line, message };
    else report({ path: '', file, line, message });
  }
  if (line === 0 || (line === 1 && unparsed)) checkHeader(file, undefined);
  if (damaged > 0) throw damagedLinesError(file, damaged, problems);
  const gaps = missing.problems();
  if (gaps.length === 0) return;
  const listed = gaps.map((message) => ({ path: '', file, message }));
  throw new QuotaLabError('journal/damaged', `${file} has missing or duplicate records`, { problems: listed });
}

function damagedLinesError(file: string, damaged: number, problems: readonly Problem[]): QuotaLabError {
  const more = damaged > MAX_LISTED_PROBLEMS ? `; ${damaged - MAX_LISTED_PROBLEMS} more not listed` : '';
  return new QuotaLabError(
    'journal/damaged',
    `${file} has ${damaged} damaged ${damaged === 1 ? 'line' : 'lines'}${more}`,
    { problems },
  );
}

/**
 * Reads a whole journal into memory. Throws as `readJournalRecords` does.
 *
 * @example
 * const attempts = (await readJournal('journal.jsonl')).filter(({ type }) => type === 'attempt');
 */
export async function readJournal(file: string): Promise<JournalRecord[]> {
  return [...readJournalRecords(file)];
}

/** Reads the lines of a file; the last one may lack its newline. */
function* readLines(file: string): Generator<string> {
  const descriptor = openForReading(file);
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let pending = 0;
    for (;;) {
      if (pending === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const read = readSync(descriptor, buffer, pending, buffer.length - pending, null);
      const filled = pending + read;
      if (read === 0) {
        if (pending > 0) yield buffer.toString('utf8', 0, pending);
        return;
      }
      const end = buffer.lastIndexOf(0x0a, filled - 1);
      if (end >= 0) yield* buffer.toString('utf8', 0, end).split('\n');
      buffer.copyWithin(0, end + 1, filled);
      pending = filled - end - 1;
    }
  } finally {
    closeSync(descriptor);
  }
}

function openForReading(file: string): number {
  try {
    const descriptor = openSync(file, 'r');
    // Opening a folder succeeds; reading it fails.
    readSync(descriptor, Buffer.alloc(0));
    return descriptor;
  } catch (cause) {
    throw new QuotaLabError('journal/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function checkHeader(file: string, first: unknown): void {
  const { type, version, scenario, tool } = (first ?? {}) as Partial<Record<string, unknown>>;
  if (type !== 'header' || typeof version !== 'number' || !scenario) {
    throw new QuotaLabError(
      'journal/not-a-journal',
      `${file} is not a QuotaLab journal: its first line is not a header`,
    );
  }
  if (version > JOURNAL_VERSION) {
    const message = `${file} has journal format ${version} (written by ${tool}); this version reads formats up to ${JOURNAL_VERSION}`;
    throw new QuotaLabError('journal/newer-version', message);
  }
}
