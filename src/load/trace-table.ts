import type { CallShape } from './call-shape.ts';

/** A column of texts, of which few differ: the code of each row in `names`; -1 where a row has none. */
export interface NameColumn {
  readonly names: readonly string[];
  readonly codes: Int32Array;
}

/**
 * The arrivals of a trace by column, so that a million rows are some 40 MB and threads share them. Times are microseconds
 * since the first arrival, ascending; -1 stands for a number that a row does not have, and -1, 0, 1 for a flag.
 */
export interface TraceTable {
  readonly rows: number;
  readonly atUs: Float64Array;
  readonly promptTokens: Int32Array;
  readonly completionTokens: Int32Array;
  readonly stream: Int8Array;
  readonly model: NameColumn;
  readonly client: NameColumn;
  readonly kind: NameColumn;
  readonly conversation: NameColumn;
}

/** One arrival as a reader finds it; `null` where it has none. `timeUs` counts from any origin. */
export interface TraceRow {
  readonly timeUs: number;
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
  readonly stream: boolean | null;
  readonly model: string | null;
  readonly client: string | null;
  readonly kind: string | null;
  readonly conversation: string | null;
}

/** The text fields of a row. */
const NAME_FIELDS = ['model', 'client', 'kind', 'conversation'] as const;

/** All fields of a row, as a trace file of our own names them. */
export const TRACE_FIELDS = ['time', 'promptTokens', 'completionTokens', 'stream', ...NAME_FIELDS] as const;

export type TraceField = (typeof TRACE_FIELDS)[number];

/** Builds a table, a row at a time. Rows must be in order of time. */
export interface TraceTableBuilder {
  add(row: TraceRow): void;
  /** Returns the table; `null` if it has no row. */
  end(): TraceTable | null;
}

const FIRST_ROWS = 4096;

/** Creates a builder whose columns grow as rows come. */
export function createTraceTableBuilder(): TraceTableBuilder {
  let rows = 0;
  let firstUs = 0;
  const at = growing((length) => new Float64Array(sharedBytes(length * 8)));
  const prompt = growing((length) => new Int32Array(sharedBytes(length * 4)));
  const completion = growing((length) => new Int32Array(sharedBytes(length * 4)));
  const stream = growing((length) => new Int8Array(sharedBytes(length)));
  const names = NAME_FIELDS.map(createNames);
  return {
    add(row) {
      if (rows === 0) firstUs = row.timeUs;
      at.put(rows, row.timeUs - firstUs);
      prompt.put(rows, row.promptTokens ?? -1);
      completion.put(rows, row.completionTokens ?? -1);
      stream.put(rows, row.stream === null ? -1 : Number(row.stream));
      for (const [index, field] of NAME_FIELDS.entries()) names[index]!.put(rows, row[field]);
      rows++;
    },
    end() {
      if (rows === 0) return null;
      const [model, client, kind, conversation] = names.map((column) => column.end(rows));
      return {
        rows,
        atUs: at.end(rows),
        promptTokens: prompt.end(rows),
        completionTokens: completion.end(rows),
        stream: stream.end(rows),
        model: model!,
        client: client!,
        kind: kind!,
        conversation: conversation!,
      };
    },
  };
}

/** Returns the call of a row; `models` are other names for the models of the trace. */
export function shapeAt(table: TraceTable, row: number, models: Readonly<Record<string, string>> = {}): CallShape {
  const shape: { -readonly [Key in keyof CallShape]: CallShape[Key] } = {};
  const model = nameAt(table.model, row);
  if (model !== undefined) shape.model = models[model] ?? model;
  if (table.promptTokens[row]! >= 0) shape.promptTokens = table.promptTokens[row]!;
  if (table.completionTokens[row]! >= 0) shape.completionTokens = table.completionTokens[row]!;
  if (table.stream[row]! >= 0) shape.stream = table.stream[row] === 1;
  for (const field of ['client', 'kind', 'conversation'] as const) {
    const name = nameAt(table[field], row);
    if (name !== undefined) shape[field] = name;
  }
  return shape;
}

const nameAt = ({ names, codes }: NameColumn, row: number): string | undefined => names[codes[row]!];

type Numbers = Float64Array | Int32Array | Int8Array;

interface Growing<Column> {
  put(row: number, value: number): void;
  end(rows: number): Column;
}

function growing<Column extends Numbers>(create: (length: number) => Column): Growing<Column> {
  let column = create(FIRST_ROWS);
  return {
    put(row, value) {
      if (row >= column.length) {
        const larger = create(column.length * 2);
        larger.set(column);
        column = larger;
      }
      column[row] = value;
    },
    end: (rows) => column.subarray(0, rows) as Column,
  };
}

function createNames(): { put(row: number, name: string | null): void; end(rows: number): NameColumn } {
  const codes = growing((length) => new Int32Array(sharedBytes(length * 4)));
  const codeOf = new Map<string, number>();
  return {
    put(row, name) {
      if (name === null) codes.put(row, -1);
      else {
        if (!codeOf.has(name)) codeOf.set(name, codeOf.size);
        codes.put(row, codeOf.get(name)!);
      }
    },
    end: (rows) => ({ names: [...codeOf.keys()], codes: codes.end(rows) }),
  };
}

/** Memory that threads share: a run's thread and the workers of `plan` read one copy. */
function sharedBytes(length: number): SharedArrayBuffer {
  return new SharedArrayBuffer(length);
}
