import { MAX_CALLS } from '../load/load-limits.ts';
import { createTraceTableBuilder, type TraceField, type TraceTable } from '../load/trace-table.ts';
import type { TraceLayout } from './columns.ts';
import type { TraceProblems } from './trace-problems.ts';
import { readTraceTime } from './trace-time.ts';

/** Reads rows into a table, and finds what is wrong with each. */
export interface RowReader {
  /** `cellOf` returns the cell of a column: undefined where the row has none, null or '' where it is empty. */
  add(cellOf: (column: string) => unknown, line: number): void;
  /** Returns the table; null if it has no row. */
  end(): TraceTable | null;
}

const SORT = 'sort the rows by time, the earliest first';
const UNKNOWN = 'leave it empty (in JSON: null) if it is not known';

/** More would be memory for columns that no run reads. */
const MAX_TOKENS = 10_000_000;

/** Creates a reader of rows that `layout` describes. A field that the first row has, every other one has to have. */
export function createRowReader({ columns, unit }: TraceLayout, problems: TraceProblems): RowReader {
  const builder = createTraceTableBuilder();
  let lastUs = -Infinity;
  let rows = 0;
  let inUse: ReadonlySet<TraceField> | undefined;

  return {
    add(cellOf, line) {
      const cellAt = (field: TraceField): unknown => (columns[field] === undefined ? null : cellOf(columns[field]));
      inUse ??= new Set((Object.keys(columns) as TraceField[]).filter((field) => cellAt(field) !== undefined));
      const fail = (message: string, hint?: string): null => {
        problems.add({ line, message, ...(hint !== undefined && { hint }) });
        return null;
      };
      const read = <Value>(
        field: TraceField,
        parse: (value: unknown) => Value | undefined,
        form: string,
      ): Value | null => {
        const value = cellAt(field);
        if (value === undefined && inUse!.has(field)) return fail(`${columns[field]} is missing`, UNKNOWN);
        if (value === undefined || value === null || value === '') return null;
        return parse(value) ?? fail(`${columns[field]} must be ${form}, not ${shown(value)}`);
      };
      const timeUs = readTime(cellAt('time'));
      if (++rows === MAX_CALLS + 1)
        fail(`has more than ${MAX_CALLS.toLocaleString('en-US')} rows`, 'cut it into parts');
      const row = {
        promptTokens: read('promptTokens', asTokens, TOKENS),
        completionTokens: read('completionTokens', asTokens, TOKENS) || null,
        stream: read('stream', asFlag, 'true or false'),
        model: read('model', asName, NAME),
        client: read('client', asName, NAME),
        kind: read('kind', asName, NAME),
        conversation: read('conversation', asName, NAME),
      };
      if (timeUs !== null && problems.count === 0) builder.add({ timeUs, ...row });

      function readTime(value: unknown): number | null {
        if (value === undefined || value === null || value === '') {
          return fail(`${columns.time} is missing`, 'every arrival needs its time');
        }
        const readUs = readTraceTime(value, unit);
        if (readUs === undefined) {
          return fail(
            `${columns.time} must be a number or a date, not ${shown(value)}`,
            'such as 12.5 or 2026-01-31T09:00:00Z',
          );
        }
        if (readUs < lastUs) fail(`${columns.time} runs backwards: ${shown(value)} is before the row above`, SORT);
        lastUs = readUs;
        return readUs;
      }
    },
    end: () => (problems.count > 0 ? null : builder.end()),
  };
}

const TOKENS = 'a whole number of tokens';
const NAME = 'a text of at most 200 characters';
const MAX_NAME_CHARS = 200;

function asTokens(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : Number(typeof value === 'string' ? value.trim() : value);
  return Number.isInteger(number) && number >= 0 && number <= MAX_TOKENS ? number : undefined;
}

function asFlag(value: unknown): boolean | undefined {
  const text = String(value).toLowerCase();
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : undefined;
}

function asName(value: unknown): string | undefined {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
  const text = isText ? String(value).trim() : '';
  return text !== '' && text.length <= MAX_NAME_CHARS ? text : undefined;
}

/** A cell as a message shows it. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value === 'bigint' ? String(value) : JSON.stringify(value);
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
