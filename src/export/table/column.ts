/** What a cell holds. `time`: microseconds since the Unix epoch. */
export type CellType = 'text' | 'whole' | 'number' | 'flag' | 'time';

export type Cell = string | number | boolean | null;

/** A column of an exported table. Its unit is the end of its name. */
export interface Column<Row> {
  readonly name: string;
  readonly type: CellType;
  /** One line for the documentation. */
  readonly about: string;
  /** Null where the fact is unknown or does not apply. */
  of(row: Row): Cell | undefined;
}

/** A table to export: its rows are read one after the other. */
export interface Table<Row = unknown> {
  readonly columns: readonly Column<Row>[];
  readonly rows: Iterable<Row>;
}

/** Microseconds in milliseconds, with all their decimals. */
export const toMs = (us: number | undefined): number | null => (us === undefined ? null : us / 1000);
