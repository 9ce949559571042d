import type { CheckTable } from './check-table.ts';
import type { RowResult, RowVerdict } from './judge-row.ts';

/** A table kept in a repository: the verdict of each row by id. */
export interface CheckBaseline {
  readonly version: 1;
  readonly client: string;
  readonly dialect: string;
  readonly rows: Readonly<Record<string, RowVerdict>>;
}

/** A row whose verdict differs from the one that was kept. */
export interface RowChange {
  readonly id: string;
  readonly before: RowVerdict;
  readonly now: RowVerdict;
}

export interface BaselineComparison {
  readonly worse: readonly RowChange[];
  readonly better: readonly RowChange[];
  /** Rows that are not in the baseline and fail. */
  readonly unknown: readonly string[];
  /** Whether no row got worse, and no row that is new fails. */
  readonly passed: boolean;
}

/** A row that is left out or undecided proves nothing, so that it is neither better nor worse than one that passes. */
const RANKS: Readonly<Record<RowVerdict, number>> = { pass: 0, 'not-applicable': 0, undecided: 0, warn: 1, fail: 2 };

/** Returns what to keep of a table. Rows of `kept` that did not run stay. */
export function createCheckBaseline({ client, dialect, rows }: CheckTable, kept?: CheckBaseline): CheckBaseline {
  const verdicts = Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict]));
  return { version: 1, client, dialect, rows: { ...kept?.rows, ...verdicts } };
}

/** Compares the rows of a table with those that were kept. Failures that were kept are known: they do not fail again. */
export function compareWithBaseline(
  rows: readonly Pick<RowResult, 'id' | 'verdict'>[],
  { rows: kept }: Pick<CheckBaseline, 'rows'>,
): BaselineComparison {
  const changes = rows.flatMap(({ id, verdict: now }): RowChange[] => {
    const before = kept[id];
    return before === undefined || RANKS[before] === RANKS[now] ? [] : [{ id, before, now }];
  });
  const worse = changes.filter(({ before, now }) => RANKS[now] > RANKS[before]);
  const better = changes.filter(({ before, now }) => RANKS[now] < RANKS[before]);
  const unknown = rows.filter(({ id, verdict }) => kept[id] === undefined && verdict === 'fail').map(({ id }) => id);
  return { worse, better, unknown, passed: worse.length === 0 && unknown.length === 0 };
}
