import { accessSync, constants, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { chartsOf } from './charts/charts.ts';
import { drawCharts } from './draw.ts';
import { summaryJson } from './summary-json.ts';
import { terminalSummary } from './terminal/terminal.ts';

/** Columns of summary.txt. */
const FILE_WIDTH = 120;

/** Creates the report folder before anything runs. Throws `report/not-writable`. */
export function ensureWritable(folder: string): void {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const message = `cannot write reports to ${folder}: ${(cause as Error).message}`;
    throw new QuotaLabError('report/not-writable', message, { cause });
  }
}

/** Node's recursive mkdir never returns if the system reports an existing parent as missing (/proc). */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/** Writes summary and charts into an existing folder, each file atomically. Returns their paths. */
export async function writeReport(
  folder: string,
  run: Run,
  analysis: Analysis,
  { charts }: { readonly charts: boolean },
): Promise<string[]> {
  const drawings = charts ? await drawCharts(chartsOf(run, analysis)) : [];
  const files: [string, string | Uint8Array][] = [
    ['summary.json', `${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`],
    ['summary.txt', terminalSummary(run, analysis, { color: false, width: FILE_WIDTH, full: true })],
    ...drawings.map(({ file, png }): [string, Uint8Array] => [file, png]),
  ];
  return writeFiles(folder, files);
}

/** Writes files into an existing folder, each atomically. Returns their paths. */
export function writeFiles(
  folder: string,
  files: readonly (readonly [name: string, content: string | Uint8Array])[],
): string[] {
  return files.map(([name, content]) => {
    const path = join(folder, name);
    writeFileSync(`${path}.part`, content);
    renameSync(`${path}.part`, path);
    return path;
  });
}
