import type { Calls } from './call-data.ts';

export interface CallFilter {
  readonly text: string;
  readonly result: string;
  readonly model: string;
  readonly key: string;
  readonly load: string;
  /** Ids of the calls that prove a finding. */
  readonly proofs?: ReadonlySet<number> | undefined;
}

/** What the fields of the filter say before anything is chosen; `finding` is the name of one. */
export const NO_FILTER = { text: '', result: '', model: '', key: '', load: '', finding: '' };

export type FilterFields = typeof NO_FILTER;

export type SortBy = 'start' | 'took' | 'attempts';

/** Returns the rows that pass a filter, in order. A number, with or without `#`, finds the call with this id. */
export function filterCalls(calls: Calls, filter: CallFilter, sortBy: SortBy, descending: boolean): Int32Array {
  const { columns, count } = calls;
  const isWanted = createTest(calls, filter);
  const rows = new Int32Array(count);
  let found = 0;
  for (let row = 0; row < count; row++) if (isWanted(row)) rows[found++] = row;
  const sorted = rows.subarray(0, found);
  const column = sortBy === 'took' ? columns.ended : columns.attempts;
  const sign = descending ? -1 : 1;
  if (sortBy !== 'start') sorted.sort((a, b) => sign * (column[a]! - column[b]!) || a - b);
  else if (descending) sorted.reverse();
  return sorted;
}

function createTest(calls: Calls, { text, result, model, key, load, proofs }: CallFilter): (row: number) => boolean {
  const { columns, firstAttempt } = calls;
  const { attempt, words } = columns;
  const codeOf = (word: string): number | undefined => (word === '' ? undefined : words.indexOf(word));
  const codes = { result: codeOf(result), load: codeOf(load), model: codeOf(model), key: codeOf(key) };
  const hasAttempt = (row: number, column: readonly number[], fits: (code: number) => boolean): boolean => {
    for (let index = firstAttempt[row]!; index < firstAttempt[row + 1]!; index++) if (fits(column[index]!)) return true;
    return false;
  };
  const hasText = createTextTest(calls, text, hasAttempt);
  return (row) =>
    (codes.result === undefined || columns.result[row] === codes.result) &&
    (codes.load === undefined || columns.load[row] === codes.load) &&
    (proofs === undefined || proofs.has(columns.id[row]!)) &&
    (codes.model === undefined || hasAttempt(row, attempt.model, (code) => code === codes.model)) &&
    (codes.key === undefined || hasAttempt(row, attempt.key, (code) => code === codes.key)) &&
    hasText(row);
}

type HasAttempt = (row: number, column: readonly number[], fits: (code: number) => boolean) => boolean;

/** Text is looked for in the words of a call, each of which stands there once. */
function createTextTest({ columns }: Calls, text: string, hasAttempt: HasAttempt): (row: number) => boolean {
  const query = text.trim().toLowerCase();
  if (query === '') return () => true;
  const { attempt, words } = columns;
  const id = /^#?(\d+)$/.exec(query)?.[1];
  const matching = new Set(words.flatMap((word, code) => (word.toLowerCase().includes(query) ? [code] : [])));
  const fits = (code: number): boolean => matching.has(code);
  const status = id !== undefined && id.length === 3 && !query.startsWith('#') ? Number(id) : undefined;
  return (row) =>
    (id !== undefined && columns.id[row] === Number(id)) ||
    (status !== undefined && hasAttempt(row, attempt.status, (code) => code === status)) ||
    fits(columns.error[row]!) ||
    fits(columns.load[row]!) ||
    fits(columns.result[row]!) ||
    [attempt.model, attempt.key, attempt.reason, attempt.ending].some((column) => hasAttempt(row, column, fits));
}
