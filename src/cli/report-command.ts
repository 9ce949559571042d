import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { analyse } from '../analysis/analyse.ts';
import { readRun } from '../analysis/run/read-run.ts';
import { ensureWritable } from '../files/write-files.ts';
import { findJournal } from '../journal/journal-place.ts';
import { readJournalRecords } from '../journal/journal-reader.ts';
import { addCiOptions, type CiFlags, type CiOutputs, judgedRun } from './ci-outputs.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { createProgressLine } from './progress.ts';
import { type ReportFlags, reportRun } from './report-run.ts';

interface ReportCommandFlags extends CiFlags, ReportFlags {
  readonly out?: string;
}

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .summary('rebuild summary, charts and verdicts from a journal')
    .description('Judges the journal of a run again and writes its summary, charts and verdicts.')
    .argument(
      '<journal>',
      'a journal.jsonl, also as .gz or .zst, or its folder; a truncated one is read up to its last complete line',
    )
    .option('-o, --out <folder>', 'folder for the reports (default: the folder of the journal)')
    .option('--json', 'print the summary as JSON', false)
    .option('--full', 'print every verdict with its figures, also those that passed', false)
    .option('--no-charts', 'do not draw charts')
    .option('--no-html', 'do not write report.html')
    .option('--allow-inconclusive', 'do not fail on a required verdict that was not decided', false);
  addCiOptions(command);
  addHelpFooter(command, {
    exitCodes: { 0: 'passed', 99: 'a verdict or threshold failed' },
    example: 'quotalab report reports/article',
  }).action((journal: string, flags: ReportCommandFlags) =>
    judgedAction(flags, journal, (ci) => report(journal, flags, ci)),
  );
}

async function report(path: string, flags: ReportCommandFlags, ci: CiOutputs): Promise<number> {
  const journal = findJournal(path);
  const line = createProgressLine(flags.quiet);
  line.show(`reading ${journal}`);
  const run = readRun(readJournalRecords(journal), { columnar: true });
  const folder = resolve(flags.out ?? dirname(journal));
  ensureWritable(folder);
  const analysis = analyse(run);
  line.clear();
  const exitCode = await reportRun(run, analysis, { folder, journal, ...flags });
  await ci.writeRun(judgedRun(run, analysis));
  return exitCode;
}
