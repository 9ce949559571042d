import { parquetWriteRows, type Writer } from 'hyparquet-writer';
import type { Cell, CellType } from './column.ts';
import type { CellTable } from './tables.ts';

type SchemaElement = NonNullable<Parameters<typeof parquetWriteRows>[0]['schema']>[number];

/** Rows of a row group: what is in memory at once. */
const ROW_GROUP_ROWS = 50_000;

const TYPES: Readonly<Record<CellType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  whole: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  // What pandas and DuckDB read as a time with microseconds in UTC.
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

/** Writes a table as Parquet, a row group at a time. `about`: key and value pairs for the metadata of the file. */
export function writeParquet(
  { columns, rows }: CellTable,
  writer: Writer,
  about: Readonly<Record<string, string>>,
): void {
  const fields = columns.map(
    ({ name, type }): SchemaElement => ({ name, repetition_type: 'OPTIONAL', ...TYPES[type] }),
  );
  const names = columns.map(({ name }) => ({ name }));
  const types = columns.map(({ type }) => type);
  function* objects(): Generator<Record<string, unknown>> {
    for (const cells of rows()) {
      yield Object.fromEntries(cells.map((cell, index) => [names[index]!.name, parquetValue(cell, types[index]!)]));
    }
  }
  // Nothing here is awaited: rows and writer are synchronous.
  void parquetWriteRows({
    writer,
    rows: objects(),
    columns: names,
    schema: [{ name: 'root', num_children: fields.length }, ...fields],
    rowGroupSize: ROW_GROUP_ROWS,
    kvMetadata: Object.entries(about).map(([key, value]) => ({ key, value })),
    createdBy: about.tool ?? 'quotalab',
  });
}

function parquetValue(cell: Cell, type: CellType): unknown {
  return cell !== null && (type === 'whole' || type === 'time') ? BigInt(Math.round(Number(cell))) : cell;
}
