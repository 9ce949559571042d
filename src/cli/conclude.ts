import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { relative } from 'node:path';
import { analyse, passed } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { summaryJson } from '../report/summary-json.ts';
import { terminalSummary } from '../report/terminal/terminal.ts';
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
  /** What has more to say of verdicts before they are told. */
  readonly settle?: (analysis: Analysis) => Promise<Analysis>;
}

/** From a run to its reports: analyses, writes the report folder, prints the result; returns the exit code it deserves. */
export async function conclude(
  run: Run,
  { folder, journal, json, charts, allowInconclusive, settle }: ConcludeOptions,
): Promise<{ analysis: Analysis; exitCode: number }> {
  const alone = analyse(run);
  const analysis = (await settle?.(alone)) ?? alone;
  const files = await writeReport(folder, run, analysis, { charts });
  if (json) process.stdout.write(`${JSON.stringify(summaryJson(run, analysis), null, 2)}\n`);
  else {
    const color = process.stdout.isTTY && !process.env.NO_COLOR;
    process.stdout.write(terminalSummary(run, analysis, { color, width: process.stdout.columns ?? 100 }));
    const names = files.map((file) => file.slice(folder.length + 1)).join(' ');
    process.stdout.write(`\n  ${relative('.', folder) || '.'}/: ${names}\n`);
    process.stdout.write(
      `  ${relative('.', journal)}${isRepeatable(run.header.time) ? ` sha256 ${hashOf(journal)}` : ''}\n\n`,
    );
  }
  return { analysis, exitCode: passed(analysis, { allowInconclusive }) ? EXIT.passed : EXIT.failed };
}

/** What tells two journals apart: without the machine's time in them, equal runs have equal ones. */
function hashOf(journal: string): string {
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
