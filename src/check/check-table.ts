import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import type { RowResult, RowVerdict } from './judge-row.ts';

/** The result of `quotalab check`. */
export interface CheckTable {
  /** The client as written. */
  readonly client: string;
  readonly dialect: DialectName;
  readonly seed: number;
  /** The kind of time in which the rows ran. */
  readonly time: 'virtual' | 'scaled' | 'wall';
  /** Why all rows prove less than in virtual time. */
  readonly weaker?: string;
  /** Every row, in the order of the battery. */
  readonly rows: readonly RowResult[];
  /** Whether no row failed; rows that only warn, or are undecided, pass. */
  readonly passed: boolean;
}

/** Returns whether a table passes: warnings and undecided rows do not fail. */
export function passes(rows: readonly Pick<RowResult, 'verdict'>[]): boolean {
  return rows.every(({ verdict }) => verdict !== 'fail');
}

/** Returns how many rows have each verdict. */
export function countRows(rows: readonly Pick<RowResult, 'verdict'>[]): Readonly<Record<RowVerdict, number>> {
  const counts = { fail: 0, warn: 0, undecided: 0, pass: 0, 'not-applicable': 0 };
  for (const { verdict } of rows) counts[verdict]++;
  return counts;
}
