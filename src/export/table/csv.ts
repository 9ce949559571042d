import { isoTime } from '../iso-time.ts';
import type { Cell, CellType } from './column.ts';
import type { CellTable } from './tables.ts';

/** Returns a table as CSV (RFC 4180, but with line feeds), a line at a time, the names of its columns first. */
export function* csvLines({ columns, rows }: CellTable): Generator<string> {
  yield `${columns.map(({ name }) => name).join(',')}\n`;
  for (const cells of rows()) {
    yield `${cells.map((cell, index) => csvCell(cell, columns[index]!.type)).join(',')}\n`;
  }
}

function csvCell(cell: Cell, type: CellType): string {
  if (cell === null) return '';
  if (type === 'time') return isoTime(Number(cell));
  const text = String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
