import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseAllowances } from '../comparison/allowance.ts';
import type { Comparison } from '../comparison/compare.ts';
import { compareResults } from '../experiment/compare-results.ts';
import { type ResultSource, readResult } from '../experiment/read-result.ts';
import { writeFiles } from '../files/write-files.ts';
import { comparisonChart } from '../report/charts/comparison-chart.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import { drawCharts } from '../report/draw.ts';
import { type ComparisonSources, comparisonSummary } from '../report/terminal/comparison-lines.ts';
import { addCiOptions, type CiFlags, type CiOutputs } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { collect } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { readAll } from './read-all.ts';
import { terminal } from './terminal.ts';

export interface AllowanceFlags {
  readonly allow: readonly string[];
  readonly allowance: string;
}

interface CompareFlags extends AllowanceFlags, CiFlags {
  readonly force: boolean;
  readonly out?: string;
}

/** Adds the options for allowed regressions. */
export function addAllowances(command: Command): Command {
  return command
    .option(
      '--allow <figure=change>',
      "allowed change of one figure, e.g. 'call_duration p(95)=+5%'; repeatable",
      collect,
      [],
    )
    .option('--allowance <percent>', 'allowed change of every other figure', '5%');
}

export function addCompareCommand(program: Command): void {
  const command = program
    .command('compare')
    .summary('compare two results of a scenario')
    .description(
      'Compares a candidate with a base: every figure and whether its change is significant, verdicts and thresholds.',
    )
    .argument('<base>', 'a journal.jsonl, summary.json, seeds.json, baseline, or a folder of them')
    .argument('<candidate>', 'the same for the changed client');
  addCiOptions(addAllowances(command))
    .option('--force', 'compare runs made under different conditions', false)
    .option('-o, --out <folder>', 'folder for compare.png, the two runs over each other; needs both journals')
    .option('--json', 'print the comparison as JSON', false);
  addHelpFooter(command, {
    exitCodes: { 0: 'no regression', 99: 'a figure got worse by more than is allowed' },
    example: 'quotalab compare reports/before reports/after --allowance 10%',
  }).action((base: string, candidate: string, flags: CompareFlags) =>
    judgedAction(flags, 'compare', (ci) => run(base, candidate, flags, ci)),
  );
}

async function run(base: string, candidate: string, flags: CompareFlags, ci: CiOutputs): Promise<number> {
  const { force, json } = flags;
  const [allowances, before, after] = await readAll(
    () => parseAllowances(flags.allowance, flags.allow),
    () => readResult(base),
    () => readResult(candidate),
  );
  const { comparison, first } = await compareResults(before, after, { allowances, force });
  const sides = { base, candidate, ...(first && { first }) };
  if (json) process.stdout.write(`${JSON.stringify(comparisonJson(comparison, sides), null, 2)}\n`);
  else printComparison(comparison, sides, process.stdout);
  await ci.writeComparison(comparison, { base, candidate });
  if (flags.out !== undefined) await drawComparison(resolve(flags.out), before, after);
  return comparison.regressions.length > 0 ? EXIT.failed : EXIT.passed;
}

/** Draws the runs of the first seed that both results have with its journal, if there is one. */
async function drawComparison(folder: string, before: ResultSource, after: ResultSource): Promise<void> {
  for (const seed of before.measurement.seeds.filter((one) => after.measurement.seeds.includes(one))) {
    const [base, candidate] = [await before.runOf(seed), await after.runOf(seed)];
    if (!base || !candidate) continue;
    const drawings = await drawCharts([comparisonChart(base, candidate)]);
    writeFiles(
      folder,
      drawings.map(({ file, png }) => [file, png] as const),
    );
    return;
  }
  process.stderr.write('quotalab: no compare.png: a common seed with its journal on both sides is missing\n');
}

/** Prints a comparison as text in the width and colours of `stream`. */
export function printComparison(comparison: Comparison, sides: ComparisonSources, stream: NodeJS.WriteStream): void {
  stream.write(comparisonSummary(comparison, sides, terminal(stream)));
}
