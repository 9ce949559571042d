import { hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { isObject } from '../../mock-server/dialects/body.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { tryParseJson } from '../../mock-server/json-value.ts';
import { readTextChunks } from '../files/byte-source.ts';
import { readJournalRecords } from '../journal/journal-reader.ts';
import type { TraceColumns } from '../load/trace.ts';
import type { TraceTable } from '../load/trace-table.ts';
import { createRecordingParser } from '../recorded/recording.ts';
import { isTrace } from './columns.ts';
import { readParquetRows } from './parquet-rows.ts';
import { traceOfRecords } from './recorded-rows.ts';
import { readCsvRows, readJsonRows } from './text-rows.ts';
import { createTraceProblems } from './trace-problems.ts';

/**
 * Reads the arrivals of a file, also compressed by gzip or Zstandard: CSV, JSON lines or Parquet with a row for each, a journal,
 * or a recording as `analyze` reads it. Throws `trace/not-readable`, `trace/invalid` with every problem, `trace/no-calls`, and what
 * `readJournalRecords` and `createRecordingParser` throw.
 */
export async function readTrace(path: string, columns: TraceColumns = {}): Promise<TraceTable> {
  if (reading(path, () => startsWith(path, 'PAR1'))) {
    const problems = createTraceProblems(path);
    return finish(await readParquetRows(path, columns, problems), problems);
  }
  const { head, chunks } = await withHead(path);
  const kind = kindOf(head, columns);
  if (kind === 'journal') return traceOfRecords(readJournalRecords(path));
  if (kind === 'recording') return traceOfRecords(await readRecordedCalls(path, chunks));
  const problems = createTraceProblems(path);
  const read = kind === 'json' ? readJsonRows : readCsvRows;
  return finish(await read({ chunks, columns, problems }), problems);
}

function finish(table: TraceTable | null, problems: ReturnType<typeof createTraceProblems>): TraceTable {
  if (table === null && problems.count === 0) problems.add({ message: 'has no arrival' });
  problems.throwIfAny();
  return table!;
}

/** What the start of a text tells about it. */
function kindOf(head: string, columns: TraceColumns): 'journal' | 'json' | 'recording' | 'csv' {
  const text = head.replace(/^\uFEFF/, '').trimStart();
  const [line = ''] = text.split('\n');
  if (!/^[[{]/.test(text)) return looksLikeCsv(line, columns) ? 'csv' : 'recording';
  const first = tryParseJson(line);
  if (!isObject(first)) return 'recording';
  if (first.type === 'header' && first.scenario !== undefined) return 'journal';
  return isTrace(Object.keys(first), columns) ? 'json' : 'recording';
}

/** An access log has brackets and quotes around what holds no comma; a first line with commas names columns. */
function looksLikeCsv(line: string, columns: TraceColumns): boolean {
  return (
    isTrace(
      line.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1')),
      columns,
    ) || !/\[.*\] "/.test(line)
  );
}

async function readRecordedCalls(path: string, chunks: AsyncIterable<string>) {
  const parser = createRecordingParser({
    tool: 'quotalab',
    file: basename(path),
    hosts: [],
    hash: (text) => hash('sha256', text, 'hex').slice(0, 16),
  });
  try {
    for await (const chunk of chunks) parser.push(chunk);
    return parser.end().records;
  } catch (error) {
    if (!(error instanceof QuotaLabError)) throw error;
    const problems = error.problems.map((problem) => ({ ...problem, file: path }));
    throw new QuotaLabError(error.code, `${path}: ${error.message}`, { problems, cause: error });
  }
}

/** Enough to see the first line of most files. */
const HEAD_CHARS = 64 * 1024;

/** Reads the start of a text, and returns it with all of its chunks. */
async function withHead(path: string): Promise<{ head: string; chunks: AsyncIterable<string> }> {
  const source = readTextChunks(createReadStream(path) as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  const next = () => source.next().catch((cause: unknown) => Promise.reject(notReadable(path, cause)));
  let head = '';
  let done = false;
  while (!done && head.length < HEAD_CHARS) {
    const read = await next();
    if (read.done) done = true;
    else head += read.value;
  }
  async function* all(): AsyncGenerator<string> {
    yield head;
    for (;;) {
      const read = await next();
      if (read.done) return;
      yield read.value;
    }
  }
  return { head, chunks: all() };
}

function startsWith(path: string, magic: string): boolean {
  const descriptor = openSync(path, 'r');
  try {
    const start = Buffer.alloc(magic.length);
    readSync(descriptor, start, 0, start.length, 0);
    return start.toString('latin1') === magic;
  } finally {
    closeSync(descriptor);
  }
}

function reading<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw notReadable(path, cause);
  }
}

function notReadable(path: string, cause: unknown): QuotaLabError {
  return new QuotaLabError('trace/not-readable', `cannot read ${path}: ${(cause as Error).message}`, { cause });
}
