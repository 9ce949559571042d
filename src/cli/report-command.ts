import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import { readRun } from '../analysis/run/run-view.ts';
import { journalRecords } from '../journal/journal-reader.ts';
import { ensureWritable } from '../report/write-report.ts';
import { addCiOptions, type CiFlags, type CiOutputs, ciOutputs } from './ci-outputs.ts';
import { conclude } from './conclude.ts';

interface ReportFlags extends CiFlags {
  readonly out?: string;
  readonly charts: boolean;
  readonly allowInconclusive: boolean;
}

export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .summary('make summary, charts and verdicts again from a journal')
    .argument('<journal>', 'a journal.jsonl; one that was cut off is read up to its last whole line')
    .option('-o, --out <folder>', 'where reports go (default: beside the journal)')
    .option('--json', 'print the summary as JSON', false)
    .option('--no-charts', 'draw nothing')
    .option('--allow-inconclusive', 'a verdict without enough evidence does not fail', false);
  addCiOptions(command).action(async (journal: string, flags: ReportFlags) => {
    const ci = ciOutputs(flags, flags);
    try {
      process.exitCode = await report(journal, flags, ci);
    } catch (error) {
      await ci.tellFault(journal, error);
      throw error;
    }
  });
}

async function report(journal: string, flags: ReportFlags, ci: CiOutputs): Promise<number> {
  const run = readRun(journalRecords(journal));
  const folder = resolve(flags.out ?? dirname(journal));
  ensureWritable(folder);
  const { analysis, exitCode } = await conclude(run, { folder, journal, ...flags });
  const { header, endUs } = run;
  const seeds = [{ seed: header.seed, thresholds: analysis.thresholds }];
  await ci.tell({ header, endUs, verdicts: analysis.verdicts, seeds });
  return exitCode;
}
