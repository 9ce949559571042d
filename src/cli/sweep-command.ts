import { join, relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { ensureConfirmable } from '../experiment/confirm-model.ts';
import { toolName } from '../experiment/package-root.ts';
import { ensureWritable, writeFiles } from '../files/write-files.ts';
import { checkModel } from '../plan/check-model.ts';
import { type Sweep, sweep } from '../plan/sweep.ts';
import { createGrid, type Dimension, foldProblems, parseVary } from '../plan/vary.ts';
import { sweepCharts } from '../report/charts/sweep-chart.ts';
import { assumedText, modelText } from '../report/client-text.ts';
import { drawCharts } from '../report/draw.ts';
import { sweepPage } from '../report/page/sweep-page.ts';
import { pathToOpen } from '../report/terminal/result-line.ts';
import {
  SWEEP_FIGURES,
  type SweepFigure,
  sweepCsv,
  sweepResult,
  sweepSummary,
} from '../report/terminal/sweep-lines.ts';
import { writePage } from '../report/write-page.ts';
import { invalidScenario } from '../scenario/invalid-scenario.ts';
import { type Override, replaceOverrides } from '../scenario/overrides.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { loadScenario } from '../traces/load-scenario.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { collectSetting, overridesOf, parseSeeds } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { printResult } from './print-result.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';
import { withModels } from './with-models.ts';

interface SweepFlags {
  readonly vary: readonly Dimension[];
  readonly seeds: number;
  readonly seed?: string;
  readonly show?: SweepFigure;
  readonly set: readonly Override[];
  readonly confirm: boolean;
  readonly out?: string;
  readonly json: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
}

export function addSweepCommand(program: Command): void {
  const figures = SWEEP_FIGURES.map(({ name }) => name).join(', ');
  const command = program
    .command('sweep')
    .summary('try a grid of settings on a model of the client')
    .description(
      'Runs a model of the client at every combination of settings and prints, charts and exports the results.',
    )
    .argument('[scenario]', 'a scenario file, or the name of a bundled scenario')
    .requiredOption(
      '--vary <path=range>',
      'values to try: client.retries.max=0..8, load[0].vus=10..100..10 or provider.limits.requests.capacity=5,10,20; repeatable',
      (text: string, previous: readonly Dimension[]) => [...previous, parseVary(text)],
      [],
    )
    .option('--seeds <count>', 'number of seeds per point', parseSeeds(1), 3)
    .option('--seed <number>', 'the first seed')
    .option('--show <figure>', `figure of the chart: ${figures} (default: ${SWEEP_FIGURES[0]!.name})`, parseFigure)
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; repeatable', collectSetting, [])
    .option('--confirm', 'run the client itself in virtual time at the best point', false)
    .option('-o, --out <folder>', 'folder for sweep.csv and sweep.png (default: reports/<name of the scenario>)')
    .option('--json', 'print the sweep as JSON', false)
    .option('--full', 'print every point', false);
  addHelpFooter(command, {
    exitCodes: { 99: 'with --confirm: the client missed a goal' },
    example: 'quotalab sweep article --vary client.retries.max=0..8',
  }).action(async (name: string | undefined, flags: SweepFlags) => {
    process.exitCode = await run(findScenario(name), flags);
  });
}

function parseFigure(name: string): SweepFigure {
  const figure = SWEEP_FIGURES.find((known) => known.name === name);
  if (figure) return figure;
  throw new InvalidArgumentError(`must be one of ${SWEEP_FIGURES.map((known) => known.name).join(', ')}`);
}

async function run(file: string, flags: SweepFlags): Promise<number> {
  const overrides = overridesOf(flags);
  const scenario = await loadGrid(file, overrides, flags.vary);
  if (flags.confirm)
    ensureConfirmable(
      scenario,
      flags.vary.map(({ path }) => path),
    );
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  const { seeds, vary: dimensions } = flags;
  const total = createGrid(dimensions).length * seeds;
  const done = await withModels({ ...flags, total }, (measure) =>
    sweep({ file, overrides, dimensions, firstSeed: scenario.seed, seeds, measure }),
  );
  printSweep(scenario, done, flags);
  const charts = sweepCharts(scenario.name, done, flags.show ?? SWEEP_FIGURES[0]!);
  const drawings = await drawCharts(charts);
  const names = [
    ['sweep.csv', sweepCsv(done)],
    ...drawings.map(({ file: image, png }) => [image, png] as const),
  ] as const;
  const written = writeFiles(folder, names);
  const again = [typedCommand('The same again')];
  const page = await writePage(folder, sweepPage(done, { scenario, charts, tool: toolName(), again }), 'sweep.html');
  const files = [...(page === undefined ? [] : [page]), ...written];
  const { best } = done;
  const changed = replaceOverrides(overrides, best.point);
  const confirmed = flags.confirm ? await confirm(file, changed, best.runs[0]!, flags) : undefined;
  const open = pathToOpen(files.map((path) => relative('.', path)));
  printResult(sweepResult(done, confirmed), { ...flags, open });
  return confirmed === false ? EXIT.failed : EXIT.passed;
}

/** Loads the scenario of every grid point, so that every problem is reported before any runs. Returns the first. */
async function loadGrid(file: string, overrides: readonly Override[], vary: readonly Dimension[]): Promise<Scenario> {
  const varied = ({ path, value }: { path: string; value: string }) => ({ path, value, flag: `--vary ${path}` });
  const firsts = vary.map(({ path, values }) => varied({ path, value: values[0]! }));
  const points = createGrid(vary).map((point) => Object.entries(point).map(([path, value]) => varied({ path, value })));
  // The first point also as the flags have it: a grid has each path once, and a flag may be doubled.
  const loaded = await Promise.allSettled(
    [firsts, ...points].map((point) => loadScenario(file, { overrides: [...overrides, ...point], check: checkModel })),
  );
  const errors = loaded.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const others = errors.filter((error) => !(error instanceof QuotaLabError) || error.code !== 'scenario/invalid');
  if (others.length > 0) throw others[0];
  if (errors.length > 0)
    throw invalidScenario(
      file,
      foldProblems(
        (errors as QuotaLabError[]).flatMap(({ problems }) => problems),
        vary,
      ),
    );
  return (loaded[0] as PromiseFulfilledResult<Scenario>).value;
}

function printSweep(scenario: Scenario, done: Sweep, { json, full, seeds }: SweepFlags): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
    return;
  }
  const about = `${done.rows.length} points with ${seeds} seeds each, ${modelText(scenario)}${assumedText(scenario)}`;
  process.stdout.write(sweepSummary(scenario.name, about, done, { ...terminal(process.stdout), full }));
}
