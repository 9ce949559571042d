import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { readRun } from '../analysis/run/run-view.ts';
import { readJournalRecords } from '../journal/journal-reader.ts';
import { ensureWritable } from '../report/write-report.ts';
import { addCiOptions, type CiFlags, type CiOutputs, createCiOutputs } from './ci-outputs.ts';
import { addHelpFooter } from './help.ts';
import { reportRun } from './report-run.ts';

interface ReportFlags extends CiFlags {
  readonly out?: string;
  readonly charts: boolean;
  readonly allowInconclusive: boolean;
}

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .summary('rebuild summary, charts and verdicts from a journal')
    .description('Judges the journal of a run again and writes its summary, charts and verdicts.')
    .argument('<journal>', 'a journal.jsonl; a truncated one is read up to its last complete line')
    .option('-o, --out <folder>', 'folder for the reports (default: the folder of the journal)')
    .option('--json', 'print the summary as JSON', false)
    .option('--no-charts', 'do not draw charts')
    .option('--allow-inconclusive', 'do not fail on a verdict without enough evidence', false);
  addCiOptions(command);
  addHelpFooter(command, {
    exitCodes: { 0: 'passed', 99: 'a verdict or threshold failed' },
    example: 'quotalab report reports/article/journal.jsonl',
  }).action(async (journal: string, flags: ReportFlags) => {
    const ci = createCiOutputs(flags, flags);
    try {
      process.exitCode = await report(journal, flags, ci);
    } catch (error) {
      await ci.writeError(journal, error);
      throw error;
    }
  });
}

async function report(journal: string, flags: ReportFlags, ci: CiOutputs): Promise<number> {
  const run = readRun(readJournalRecords(journal));
  const folder = resolve(flags.out ?? dirname(journal));
  ensureWritable(folder);
  const { analysis, exitCode } = await reportRun(run, { folder, journal, ...flags });
  const { header, endUs } = run;
  const seeds = [{ seed: header.seed, thresholds: analysis.thresholds }];
  await ci.writeRun({ header, endUs, verdicts: analysis.verdicts, seeds });
  return exitCode;
}
