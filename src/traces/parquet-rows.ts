import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import {
  asyncBufferFromFile,
  type Compressors,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
} from 'hyparquet';
import type { TraceColumns } from '../load/trace.ts';
import type { TraceTable } from '../load/trace-table.ts';
import { findLayout } from './columns.ts';
import { createRowReader } from './row-reader.ts';
import type { TraceProblems } from './trace-problems.ts';

/** Rows that are in memory at once. */
const ROWS_AT_ONCE = 50_000;

/** What the reader does not undo itself. */
const COMPRESSORS: Compressors = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
  ZSTD: (bytes) => zstdDecompressSync(bytes),
};

/** Reads Parquet, a part of its rows at a time. Its rows are numbered from 1 where lines are asked for. */
export async function readParquetRows(
  path: string,
  columns: TraceColumns,
  problems: TraceProblems,
): Promise<TraceTable | null> {
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    const found = findLayout(
      parquetSchema(metadata).children.map(({ element }) => element.name),
      columns,
    );
    if (!('layout' in found)) {
      problems.add(found);
      return null;
    }
    const reader = createRowReader(found.layout, problems);
    const names = Object.values(found.layout.columns);
    const rows = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < rows; rowStart += ROWS_AT_ONCE) {
      const rowEnd = Math.min(rows, rowStart + ROWS_AT_ONCE);
      const part = await parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        columns: names,
        compressors: COMPRESSORS,
      });
      for (const [index, row] of part.entries()) reader.add((column) => row[column] ?? null, rowStart + index + 1);
    }
    return reader.end();
  } catch (error) {
    problems.add({ message: `cannot be read as Parquet: ${(error as Error).message}` });
    return null;
  }
}
