import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { journalRecords } from '../journal/journal-reader.ts';
import { ensureWritable } from '../report/write-report.ts';
import { conclude } from './conclude.ts';

interface ReportFlags {
  readonly out?: string;
  readonly json: boolean;
  readonly charts: boolean;
  readonly allowInconclusive: boolean;
}

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .summary('make summary, charts and verdicts again from a journal')
    .argument('<journal>', 'a journal.jsonl; one that was cut off is read up to its last whole line')
    .option('-o, --out <folder>', 'where reports go (default: beside the journal)')
    .option('--json', 'print the summary as JSON', false)
    .option('--no-charts', 'draw nothing')
    .option('--allow-inconclusive', 'a verdict without enough evidence does not fail', false)
    .action(async (journal: string, flags: ReportFlags) => {
      const folder = resolve(flags.out ?? dirname(journal));
      ensureWritable(folder);
      const { exitCode } = await conclude(journalRecords(journal), { folder, journal, ...flags });
      process.exitCode = exitCode;
    });
}
