import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { analyse, passed } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { type Run, readRun } from '../analysis/run-view.ts';
import type { JournalRecord } from '../journal/record.ts';
import { summaryJson } from '../report/summary-json.ts';
import { terminalSummary } from '../report/terminal.ts';
import { writeReport } from '../report/write-report.ts';
import { EXIT } from './exit-code.ts';

export interface ConcludeOptions {
  readonly folder: string;
  /** Where the journal is. */
  readonly journal: string;
  readonly json: boolean;
  /** Whether charts are drawn. */
  readonly charts: boolean;
  readonly allowInconclusive: boolean;
}

/** From records to reports: analyses, writes the report folder, prints the result; returns the exit code it deserves. */
export async function conclude(
  records: Iterable<JournalRecord>,
  { folder, journal, json, charts, allowInconclusive }: ConcludeOptions,
): Promise<{ run: Run; analysis: Analysis; exitCode: number }> {
  const run = readRun(records);
  const analysis = analyse(run);
  const files = await writeReport(folder, run, analysis, { charts });
  if (json) process.stdout.write(`${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`);
  else {
    const color = process.stdout.isTTY && !process.env.NO_COLOR;
    process.stdout.write(terminalSummary(run, analysis, { color, width: process.stdout.columns ?? 100 }));
    const names = files.map((file) => file.slice(folder.length + 1)).join(' ');
    process.stdout.write(`\n  ${relative('.', folder) || '.'}/: ${names}\n`);
    process.stdout.write(
      `  ${relative('.', journal)}${run.header.time === 'wall' ? '' : ` sha256 ${hashOf(journal)}`}\n\n`,
    );
  }
  return { run, analysis, exitCode: passed(analysis, { allowInconclusive }) ? EXIT.passed : EXIT.failed };
}

/** What tells two journals apart: without the machine's time in them, equal runs have equal ones. */
function hashOf(journal: string): string {
  return createHash('sha256').update(readFileSync(journal)).digest('hex').slice(0, 16);
}
