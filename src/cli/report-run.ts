import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import type { Analysis } from '../analysis/analysis.ts';
import { hasPassed } from '../analysis/pass-rule.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { openBytes } from '../files/byte-source.ts';
import { PAGE_NOT_BUILT } from '../files/page-file.ts';
import { formatCommand } from '../programs/command-text.ts';
import type { PageCommand } from '../report/page/page-data.ts';
import { summaryJson } from '../report/summary-json.ts';
import { terminalSummary } from '../report/terminal/terminal.ts';
import { writeReport } from '../report/write-report.ts';
import { EXIT } from './exit-code.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

/** The flags of commands that report a run. */
export interface ReportFlags {
  readonly json: boolean;
  readonly charts: boolean;
  readonly html: boolean;
  readonly allowInconclusive: boolean;
  readonly strict?: boolean;
  readonly full: boolean;
}

interface ReportPlaces {
  readonly folder: string;
  /** Path of the journal. */
  readonly journal: string;
}

/**
 * Writes the report folder of a run and prints the result. Returns the exit code. Throws `report/not-writable` after it has
 * printed the result.
 */
export async function reportRun(
  run: Run,
  analysis: Analysis,
  { folder, journal, json, charts, html, full, ...leniency }: ReportFlags & ReportPlaces,
): Promise<number> {
  const writing = writeReport(folder, run, analysis, { charts, html, leniency, again: againCommands(journal) });
  const files = await writing.catch(() => []);
  if (json) process.stdout.write(`${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`);
  else {
    process.stdout.write(terminalSummary(run, analysis, { ...terminal(process.stdout), full }));
    process.stdout.write(`\n${describeFiles(run, files, { folder, journal, html })}\n`);
  }
  await writing;
  return hasPassed(analysis, leniency) ? EXIT.passed : EXIT.failed;
}

/** Returns the commands that make a report again, as its page shows them. */
function againCommands(journal: string): PageCommand[] {
  return [
    typedCommand('The same again'),
    { label: 'From its journal', command: formatCommand(['quotalab', 'report', relative('.', journal)]) },
  ];
}

/** Lists what was written. */
function describeFiles(
  run: Run,
  files: readonly string[],
  { folder, journal, html }: ReportPlaces & Pick<ReportFlags, 'html'>,
): string {
  const names = files.map((file) => file.slice(folder.length + 1)).join(' ');
  const hash = (): string => (isRepeatable(run.header.time) ? ` sha256 ${journalHash(journal)}` : '');
  const lines = [
    ...(files.length > 0 ? [`  ${relative('.', folder) || '.'}/: ${names}`] : []),
    ...(html && files.length > 0 && !names.includes('report.html') ? [`  ${PAGE_NOT_BUILT}`] : []),
    // Its folder may be gone.
    ...(existsSync(journal) ? [`  ${relative('.', journal)}${hash()}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Hash to compare journals by, of their lines: repeatable runs have equal journals. */
function journalHash(journal: string): string {
  const hash = createHash('sha256');
  const source = openBytes(journal);
  try {
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (let read = source.read(chunk, 0); read > 0; read = source.read(chunk, 0)) hash.update(chunk.subarray(0, read));
  } finally {
    source.close();
  }
  return hash.digest('hex').slice(0, 16);
}
