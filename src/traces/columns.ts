import type { TraceColumns } from '../load/trace.ts';
import { TRACE_FIELDS, type TraceField } from '../load/trace-table.ts';
import { type TimeUnit, unitIn } from './trace-time.ts';

/** Where the fields of a row are: the name of the column of each, and the unit of a time that is a number. */
export interface TraceLayout {
  readonly columns: Readonly<Partial<Record<TraceField, string>>>;
  readonly unit: TimeUnit;
}

interface KnownLayout extends TraceLayout {
  /** Columns by which a file is known to have this layout. */
  readonly has: readonly string[];
}

/** The columns of the files that people publish, and of our own. */
const KNOWN: readonly KnownLayout[] = [
  // Azure LLM inference traces of 2023 and 2024 (github.com/Azure/AzurePublicDataset).
  {
    has: ['TIMESTAMP', 'ContextTokens', 'GeneratedTokens'],
    columns: { time: 'TIMESTAMP', promptTokens: 'ContextTokens', completionTokens: 'GeneratedTokens' },
    unit: 's',
  },
  // BurstGPT (github.com/HPMLL/BurstGPT): seconds; only its second version has sessions.
  {
    has: ['Timestamp', 'Request tokens', 'Response tokens'],
    columns: {
      time: 'Timestamp',
      model: 'Model',
      promptTokens: 'Request tokens',
      completionTokens: 'Response tokens',
      kind: 'Log Type',
      conversation: 'Session ID',
    },
    unit: 's',
  },
  // Mooncake (github.com/kvcache-ai/Mooncake): milliseconds.
  {
    has: ['timestamp', 'input_length', 'output_length'],
    columns: { time: 'timestamp', promptTokens: 'input_length', completionTokens: 'output_length' },
    unit: 'ms',
  },
  { has: ['time'], columns: Object.fromEntries(TRACE_FIELDS.map((field) => [field, field])), unit: 's' },
];

/** The layout of a file, or why there is none. */
export type FoundLayout = { readonly layout: TraceLayout } | { readonly message: string; readonly hint: string };

/** Whether a file with these columns is a trace. */
export function isTrace(names: readonly string[], given: TraceColumns): boolean {
  return 'layout' in findLayout(names, given);
}

/**
 * Finds where the fields are in a file with these columns: as the scenario says, else as in a file that is known. A column that
 * the scenario names has to be there.
 */
export function findLayout(names: readonly string[], given: TraceColumns): FoundLayout {
  const own = Object.entries(given).map(([field, text]) => [field, ...unitIn(text)] as const);
  const absent = own.find(([, column]) => !names.includes(column));
  const has = `it has ${names.slice(0, 30).join(', ')}`;
  if (absent) return { message: `has no column ${absent[1]}, which columns.${absent[0]} names`, hint: has };
  const known = KNOWN.find((one) => one.has.every((name) => names.includes(name)));
  const theirs = Object.entries(known?.columns ?? {}).filter(([, column]) => names.includes(column));
  const columns = Object.fromEntries([...theirs, ...own.map(([field, column]) => [field, column])]) as Partial<
    Record<TraceField, string>
  >;
  if (columns.time === undefined) {
    return {
      message: 'has no column that is known as the time of an arrival',
      hint: `columns: { time: NAME }; ${has}`,
    };
  }
  return { layout: { columns, unit: own.find(([field]) => field === 'time')?.[2] ?? known?.unit ?? 's' } };
}
