import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { parseAllowances } from '../comparison/allowance.ts';
import type { Comparison } from '../comparison/compare.ts';
import { compareResults } from '../experiment/compare-results.ts';
import { toolName } from '../experiment/package-root.ts';
import { type ResultSource, readResult } from '../experiment/read-result.ts';
import { ensureWritable, writeFiles } from '../files/write-files.ts';
import type { ChartSpec } from '../report/charts/chart-spec.ts';
import { comparisonChart } from '../report/charts/comparison-chart.ts';
import { comparisonJson } from '../report/comparison-json.ts';
import { drawCharts } from '../report/draw.ts';
import { comparisonPage } from '../report/page/comparison-page.ts';
import { type ComparisonSources, comparisonSummary } from '../report/terminal/comparison-lines.ts';
import { comparisonResult } from '../report/terminal/comparison-result.ts';
import { writePage } from '../report/write-page.ts';
import { addCiOptions, type CiFlags, type CiOutputs } from './ci-outputs.ts';
import { EXIT } from './exit-code.ts';
import { collect } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { printResult } from './print-result.ts';
import { readAll } from './read-all.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';

const DEFAULT_FOLDER = join('reports', 'compare');

export interface AllowanceFlags {
  readonly allow: readonly string[];
  readonly allowance: string;
}

interface CompareFlags extends AllowanceFlags, CiFlags {
  readonly force: boolean;
  readonly out?: string;
  readonly html: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
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
    .argument('<base>', 'a journal.jsonl (also .gz, .zst), summary.json, seeds.json, baseline, or a folder of them')
    .argument('<candidate>', 'the same for the changed client');
  addCiOptions(addAllowances(command))
    .option('--force', 'compare runs made under different conditions', false)
    .option(
      '-o, --out <folder>',
      `folder for report.html and compare.png, the two runs over each other; needs both journals (default: ${DEFAULT_FOLDER}, report.html alone)`,
    )
    .option('--no-html', 'do not write report.html')
    .option('--full', 'print every figure, verdict and threshold', false)
    .option('--json', 'print the comparison as JSON', false);
  addHelpFooter(command, {
    exitCodes: { 0: 'no regression', 99: 'a figure got worse by more than is allowed' },
    example: 'quotalab compare reports/before reports/after --allowance 10%',
  }).action((base: string, candidate: string, flags: CompareFlags) =>
    judgedAction(flags, 'compare', (ci) => run(base, candidate, flags, ci)),
  );
}

async function run(base: string, candidate: string, flags: CompareFlags, ci: CiOutputs): Promise<number> {
  const { force, full, json } = flags;
  const [allowances, before, after] = await readAll(
    () => parseAllowances(flags.allowance, flags.allow),
    () => readResult(base),
    () => readResult(candidate),
  );
  const { comparison, first } = await compareResults(before, after, { allowances, force });
  const sides = { base, candidate, ...(first && { first }) };
  if (json) process.stdout.write(`${JSON.stringify(comparisonJson(comparison, sides), null, 2)}\n`);
  else printComparison(comparison, sides, process.stdout, full);
  const charts = flags.html || flags.out !== undefined ? await chartsOf(before, after) : [];
  const page = await writeComparison(comparison, { base, candidate }, charts, flags);
  printResult(comparisonResult(comparison), { ...flags, open: page && relative('.', page) });
  await ci.writeComparison(comparison, { base, candidate });
  return comparison.regressions.length > 0 ? EXIT.failed : EXIT.passed;
}

/** Returns the chart of the first seed that both results have with its journal, if there is one. */
async function chartsOf(before: ResultSource, after: ResultSource): Promise<ChartSpec[]> {
  for (const seed of before.measurement.seeds.filter((one) => after.measurement.seeds.includes(one))) {
    const [base, candidate] = [await before.runOf(seed), await after.runOf(seed)];
    if (base && candidate) return [comparisonChart(base, candidate)];
  }
  return [];
}

/** Writes the page and, into a folder that was named, the picture. Returns the path of the page, if there is one. */
async function writeComparison(
  comparison: Comparison,
  sides: { readonly base: string; readonly candidate: string },
  charts: readonly ChartSpec[],
  { out, html }: CompareFlags,
): Promise<string | undefined> {
  const folder = resolve(out ?? DEFAULT_FOLDER);
  if (html || out !== undefined) ensureWritable(folder);
  if (out !== undefined) {
    if (charts.length === 0)
      process.stderr.write('quotalab: no compare.png: a common seed with its journal on both sides is missing\n');
    const drawings = await drawCharts(charts);
    writeFiles(
      folder,
      drawings.map(({ file, png }) => [file, png] as const),
    );
  }
  if (!html) return undefined;
  const again = [typedCommand('The same again')];
  return writePage(folder, comparisonPage(comparison, { sides, charts, tool: toolName(), again }));
}

/** Prints a comparison as text in the width and colours of `stream`. */
export function printComparison(
  comparison: Comparison,
  sides: ComparisonSources,
  stream: NodeJS.WriteStream,
  full: boolean,
): void {
  stream.write(comparisonSummary(comparison, sides, { ...terminal(stream), full }));
}
