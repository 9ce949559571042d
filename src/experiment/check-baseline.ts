import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { type CheckBaseline, createCheckBaseline } from '../check/check-baseline.ts';
import type { CheckTable } from '../check/check-table.ts';
import { writeFiles } from '../files/write-files.ts';
import { formatPath, type Path } from '../scenario/path.ts';
import { readTextFile } from '../scenario/text-file.ts';

const CHECK_BASELINE: z.ZodType<CheckBaseline> = z.looseObject({
  version: z.literal(1),
  client: z.string(),
  dialect: z.string(),
  rows: z.record(z.string(), z.enum(['pass', 'warn', 'fail', 'undecided', 'not-applicable'])),
});

/** Reads the table that was kept; undefined without the file. Throws `check/bad-baseline`. */
export function readCheckBaseline(file: string): CheckBaseline | undefined {
  if (!existsSync(file)) return undefined;
  let kept: unknown;
  try {
    kept = JSON.parse(readTextFile(file));
  } catch (cause) {
    const { message } = cause as Error;
    throw badBaseline(file, [
      { path: '', message: cause instanceof SyntaxError ? `is not valid JSON: ${message}` : message },
    ]);
  }
  const { data, error } = CHECK_BASELINE.safeParse(kept);
  if (data) return data;
  throw badBaseline(
    file,
    error.issues.map(({ path, message }) => ({ path: formatPath(path as Path), message })),
  );
}

function badBaseline(file: string, found: readonly Problem[]): QuotaLabError {
  const problems = found.map((problem) => ({ ...problem, file, hint: '--update-baseline writes it again' }));
  return new QuotaLabError('check/bad-baseline', `cannot read the baseline ${file}`, { problems });
}

/** Writes the table, with a row on each line, so that a row that changed is a diff of one line. */
export function writeCheckBaseline(file: string, table: CheckTable, kept: CheckBaseline | undefined): void {
  const text = `${JSON.stringify(createCheckBaseline(table, kept), null, 2)}\n`;
  writeFiles(dirname(resolve(file)), [[basename(file), text]]);
}
