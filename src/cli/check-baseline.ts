import { relative } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { type BaselineComparison, compareWithBaseline } from '../check/check-baseline.ts';
import type { CheckTable } from '../check/check-table.ts';
import { readCheckBaseline, writeCheckBaseline } from '../experiment/check-baseline.ts';

/** The flags of `check` about the table that is kept. */
export interface CheckBaselineFlags {
  /** True: the default file. */
  readonly baseline?: string | true;
  readonly updateBaseline: boolean;
}

const DEFAULT_FILE = 'quotalab-check.json';

/**
 * Compares a table with the one that was kept, or keeps it: without a file, or with `--update-baseline`. In CI a missing file
 * is an error, since nothing would be compared. Throws `baseline/not-found` and `check/bad-baseline`.
 */
export function applyCheckBaseline(
  table: CheckTable,
  { baseline, updateBaseline }: CheckBaselineFlags,
): { readonly comparison?: BaselineComparison; readonly passed: boolean } {
  if (baseline === undefined && !updateBaseline) return { passed: table.passed };
  const file = typeof baseline === 'string' ? baseline : DEFAULT_FILE;
  const kept = updateBaseline ? tryReadBaseline(file) : readCheckBaseline(file);
  if (kept && !updateBaseline) {
    const comparison = compareWithBaseline(table.rows, kept);
    return { comparison, passed: comparison.passed };
  }
  if (!kept && !updateBaseline && process.env.CI) {
    const problems = [{ path: '', message: 'run once with --update-baseline, and commit the file' }];
    throw new QuotaLabError('baseline/not-found', `baseline ${file} not found`, { problems });
  }
  writeCheckBaseline(file, table, kept);
  process.stderr.write(`quotalab: ${relative('.', file)} was written; from now on, rows that get worse fail\n`);
  return { passed: true };
}

/** Returns the table that is about to be written again; undefined if it cannot be read. */
function tryReadBaseline(file: string): ReturnType<typeof readCheckBaseline> {
  try {
    return readCheckBaseline(file);
  } catch (error) {
    if (error instanceof QuotaLabError) return undefined;
    throw error;
  }
}
