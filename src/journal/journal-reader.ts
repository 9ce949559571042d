import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { tryParseJson } from '../../mock-server/json-value.ts';
import { printableIn } from '../../mock-server/redaction/printable.ts';
import { openBytes } from '../files/byte-source.ts';
import { findJournal } from './journal-place.ts';
import { JOURNAL_VERSION, type JournalRecord } from './record.ts';
import { createRecordCount } from './record-count.ts';
import { findRecordProblem } from './record-problem.ts';

const CHUNK_BYTES = 1024 * 1024;
/** No record is longer; a file with a longer line is something else. */
const MAX_LINE_BYTES = 16 * CHUNK_BYTES;
/** Further problems are only counted. */
const MAX_LISTED_PROBLEMS = 10;

/**
 * Reads a journal record by record, so it may be larger than memory. `path`: the file, also compressed by gzip or Zstandard, its
 * name before it was compressed, or its folder. An incomplete last line is skipped: the run was cut off there. Control characters in its texts are made visible. Throws `journal/not-found`, `journal/not-a-journal`,
 * `journal/newer-version`, and after the last record `journal/damaged` with the lines that are invalid or there twice, or the
 * numbers of missing records.
 */
export function* readJournalRecords(path: string): Generator<JournalRecord> {
  const file = findJournal(path);
  const problems = createProblemList(file);
  const count = createRecordCount();
  let line = 0;
  let isUnparsed = false;
  let hasHeader = false;
  for (const text of readLines(file)) {
    line++;
    if (text === '' || text.trim() === '') continue;
    // An unparsable line is damage only if other lines follow it.
    if (isUnparsed) problems.add(line - 1, 'is not valid JSON');
    const record = tryParseJson(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    isUnparsed = record === undefined;
    if (line === 1) checkHeader(file, record);
    if (isUnparsed) continue;
    const message = findRecordProblem(record, line) ?? count.add(record as JournalRecord);
    if (message !== undefined) problems.add(line, message);
    // Without a valid header, the other records are only checked.
    hasHeader ||= line === 1 && message === undefined;
    if (hasHeader && message === undefined)
      yield (CONTROL_ESCAPE.test(text) ? printableIn(record) : record) as JournalRecord;
  }
  if (line === 0) checkHeader(file, undefined);
  problems.throwIfAny();
  const missing = count.missing().map((message) => ({ path: '', file, message }));
  if (missing.length > 0)
    throw new QuotaLabError('journal/damaged', `${file} has missing records`, { problems: missing });
}

/** What a line of JSON with a control character in a text looks like. */
const CONTROL_ESCAPE =
  /\\u(?:00[0189]|061|20[02-6]|fe|ff)|\\[bfr]|[\u007f-\u009f\u061c\u200e-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]/i;

/** The problems of the lines of a file. */
interface ProblemList {
  add(line: number, message: string): void;
  throwIfAny(): void;
}

function createProblemList(file: string): ProblemList {
  const problems: Problem[] = [];
  let count = 0;
  return {
    add(line, message) {
      if (++count <= MAX_LISTED_PROBLEMS) problems.push({ path: '', file, line, message });
    },
    throwIfAny() {
      if (count === 0) return;
      const more = count > MAX_LISTED_PROBLEMS ? `; ${count - MAX_LISTED_PROBLEMS} more not listed` : '';
      const lines = `${count} damaged ${count === 1 ? 'line' : 'lines'}`;
      throw new QuotaLabError('journal/damaged', `${file} has ${lines}${more}`, { problems });
    },
  };
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
  const source = reading(file, () => openBytes(file));
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let pending = 0;
    for (;;) {
      if (pending >= MAX_LINE_BYTES)
        throw notAJournal(file, `a line is longer than ${MAX_LINE_BYTES / CHUNK_BYTES} MiB`);
      if (pending === buffer.length) buffer = Buffer.concat([buffer, Buffer.allocUnsafe(buffer.length)]);
      const read = reading(file, () => source.read(buffer, pending));
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
    source.close();
  }
}

function reading<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new QuotaLabError('journal/not-found', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

function checkHeader(file: string, first: unknown): void {
  const { type, version, scenario, tool } = (first ?? {}) as Partial<Record<string, unknown>>;
  if (type !== 'header' || typeof version !== 'number' || !scenario) {
    throw notAJournal(file, 'its first line is not a header');
  }
  if (version > JOURNAL_VERSION) {
    const writer = typeof tool === 'string' ? ` (written by ${tool})` : '';
    const message = `${file} has journal format ${version}${writer}; this version reads formats up to ${JOURNAL_VERSION}`;
    throw new QuotaLabError('journal/newer-version', message);
  }
}

function notAJournal(file: string, why: string): QuotaLabError {
  return new QuotaLabError('journal/not-a-journal', `${file} is not a QuotaLab journal: ${why}`);
}
