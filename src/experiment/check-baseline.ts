import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { type CheckBaseline, createCheckBaseline } from '../check/check-baseline.ts';
import type { CheckTable } from '../check/check-table.ts';
import { writeFiles } from '../files/write-files.ts';

/** Reads the table that was kept; undefined without the file. Throws `check/bad-baseline`. */
export function readCheckBaseline(file: string): CheckBaseline | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  try {
    kept = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw badBaseline(file, `is not valid JSON: ${(cause as Error).message}`);
  }
  const { version, rows } = Object(kept) as Partial<CheckBaseline>;
  if (version !== 1 || typeof rows !== 'object') throw badBaseline(file, 'is no table of quotalab check');
  return kept as CheckBaseline;
}

function badBaseline(file: string, message: string): QuotaLabError {
  const problems = [{ path: '', file, message, hint: '--update-baseline writes it again' }];
  return new QuotaLabError('check/bad-baseline', `cannot read the baseline ${file}`, { problems });
}

/** Writes the table, with a row on each line, so that a row that changed is a diff of one line. */
export function writeCheckBaseline(file: string, table: CheckTable, kept: CheckBaseline | undefined): void {
  const text = `${JSON.stringify(createCheckBaseline(table, kept), null, 2)}\n`;
  writeFiles(dirname(resolve(file)), [[basename(file), text]]);
}
