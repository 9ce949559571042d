import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { isObject } from '../../mock-server/dialects/body.ts';
import { tryParseJson } from '../../mock-server/json-value.ts';
import type { TraceColumns } from '../load/trace.ts';
import type { TraceTable } from '../load/trace-table.ts';
import { findLayout } from './columns.ts';
import { createRowReader, type RowReader } from './row-reader.ts';
import type { TraceProblems } from './trace-problems.ts';

/** A file as its reader gets it. */
export interface TextTrace {
  readonly chunks: AsyncIterable<string>;
  readonly columns: TraceColumns;
  readonly problems: TraceProblems;
}

/** Reads CSV, whose first line names the columns. */
export async function readCsvRows({ chunks, columns, problems }: TextTrace): Promise<TraceTable | null> {
  const parser = Readable.from(chunks).pipe(
    parse({ bom: true, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }),
  );
  let reader: RowReader | undefined;
  let places: ReadonlyMap<string, number> | undefined;
  let line = 1;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      line = info.lines;
      if (!places) {
        places = new Map(record.map((name, index) => [name, index]));
        const found = findLayout(record, columns);
        if (!('layout' in found)) {
          problems.add({ line, ...found });
          break;
        }
        reader = createRowReader(found.layout, problems);
        continue;
      }
      const known = places;
      reader!.add((column) => record[known.get(column)!], line);
    }
  } catch (error) {
    problems.add({ line: line + 1, message: `is not valid CSV: ${(error as Error).message}` });
  }
  return reader?.end() ?? null;
}

/** Reads JSON lines: an object for each arrival. */
export async function readJsonRows({ chunks, columns, problems }: TextTrace): Promise<TraceTable | null> {
  let reader: RowReader | undefined;
  let line = 0;
  for await (const text of linesOf(chunks)) {
    line++;
    if (text.trim() === '') continue;
    const row = tryParseJson(line === 1 ? text.replace(/^\uFEFF/, '') : text);
    if (!isObject(row)) {
      problems.add({ line, message: 'is not a JSON object' });
      continue;
    }
    if (!reader) {
      const found = findLayout(Object.keys(row), columns);
      if (!('layout' in found)) {
        problems.add({ line, ...found });
        break;
      }
      reader = createRowReader(found.layout, problems);
    }
    reader.add((column) => row[column], line);
  }
  return reader?.end() ?? null;
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
