import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { relative } from 'node:path';
import { analyse, hasPassed } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { summaryJson } from '../report/summary-json.ts';
import { terminalSummary } from '../report/terminal/terminal.ts';
import { writeReport } from '../report/write-report.ts';
import { EXIT } from './exit-code.ts';

export interface ReportRunOptions {
  readonly folder: string;
  /** Path of the journal. */
  readonly journal: string;
  readonly json: boolean;
  readonly charts: boolean;
  readonly allowInconclusive: boolean;
  /** Revises the analysis before it is reported. */
  readonly refine?: (analysis: Analysis) => Promise<Analysis>;
}

/** Analyses a run, writes the report folder and prints the result. Returns the analysis and the exit code. */
export async function reportRun(
  run: Run,
  { folder, journal, json, charts, allowInconclusive, refine }: ReportRunOptions,
): Promise<{ analysis: Analysis; exitCode: number }> {
  const initial = analyse(run);
  const analysis = (await refine?.(initial)) ?? initial;
  const files = await writeReport(folder, run, analysis, { charts });
  if (json) process.stdout.write(`${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`);
  else {
    const color = process.stdout.isTTY && !process.env.NO_COLOR;
    process.stdout.write(terminalSummary(run, analysis, { color, width: process.stdout.columns ?? 100 }));
    const names = files.map((file) => file.slice(folder.length + 1)).join(' ');
    process.stdout.write(`\n  ${relative('.', folder) || '.'}/: ${names}\n`);
    process.stdout.write(
      `  ${relative('.', journal)}${isRepeatable(run.header.time) ? ` sha256 ${journalHash(journal)}` : ''}\n\n`,
    );
  }
  return { analysis, exitCode: hasPassed(analysis, { allowInconclusive }) ? EXIT.passed : EXIT.failed };
}

/** Hash to compare journals by: repeatable runs have equal journals. */
function journalHash(journal: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(journal, 'r');
  try {
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk))
      hash.update(chunk.subarray(0, read));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest('hex').slice(0, 16);
}
