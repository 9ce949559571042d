import { createRedactor } from '../../../mock-server/redaction/redactor.ts';
import type { Attempt, Run } from '../../analysis/run/run-view.ts';
import { requireAttempts } from '../require-attempts.ts';
import { ATTEMPT_COLUMNS, type AttemptRow } from './attempt-columns.ts';
import { CALL_COLUMNS, type CallRow } from './call-columns.ts';
import type { Cell, Column, Table } from './column.ts';

export const TABLE_NAMES = ['attempts', 'calls'] as const;

export type TableName = (typeof TABLE_NAMES)[number];

/** A table whose cells are read: texts without secrets, null for what is unknown. */
export interface CellTable {
  readonly columns: readonly Pick<Column<never>, 'name' | 'type'>[];
  rows(): Generator<Cell[]>;
}

/** Returns a table of a run, its rows in order of start. Throws `export/no-attempts`. */
export function runTable(run: Run, name: TableName): CellTable {
  requireAttempts(run, name);
  return name === 'attempts'
    ? cellTable({ columns: ATTEMPT_COLUMNS, rows: attemptRows(run) })
    : cellTable({ columns: CALL_COLUMNS, rows: callRows(run) });
}

function cellTable<Row>({ columns, rows }: Table<Row>): CellTable {
  const { text } = createRedactor();
  return {
    columns,
    *rows() {
      for (const row of rows) {
        yield columns.map(({ of }) => {
          const cell = of(row) ?? null;
          return typeof cell === 'string' ? text(cell) : cell;
        });
      }
    },
  };
}

/** The attempt before is of the same call. Only the last attempt of each call is kept. */
function* attemptRows({ header, calls, attempts }: Run): Generator<AttemptRow> {
  const runStartedUs = header.generated.startedUs;
  const loads = new Map(calls.map(({ id, load }) => [id, load]));
  const last = new Map<number, Attempt>();
  for (const attempt of attempts) {
    const { call } = attempt;
    const before = call === null ? undefined : last.get(call);
    yield { attempt, before, load: call === null ? '' : (loads.get(call) ?? ''), runStartedUs };
    if (call !== null) last.set(call, attempt);
  }
}

function* callRows({ header, calls }: Run): Generator<CallRow> {
  for (const call of calls) yield { call, runStartedUs: header.generated.startedUs };
}
