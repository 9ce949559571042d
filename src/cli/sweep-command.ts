import { join, relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { ensureConfirmable } from '../experiment/confirm-model.ts';
import { checkModel } from '../plan/check-model.ts';
import { createModelPool } from '../plan/model-pool.ts';
import { type Sweep, type SweepOptions, sweep } from '../plan/sweep.ts';
import { createGrid, type Dimension, parseVary } from '../plan/vary.ts';
import { sweepChart } from '../report/charts/sweep-chart.ts';
import { drawCharts } from '../report/draw.ts';
import { SWEEP_FIGURES, type SweepFigure, sweepCsv, sweepSummary } from '../report/terminal/sweep-lines.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { collectSetting, parseAtLeast } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { terminal } from './terminal.ts';

interface SweepFlags {
  readonly vary: readonly Dimension[];
  readonly seeds: number;
  readonly seed?: string;
  readonly show?: SweepFigure;
  readonly set: Record<string, string>;
  readonly confirm: boolean;
  readonly out?: string;
  readonly json: boolean;
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
    .option('--seeds <count>', 'number of seeds per point', parseAtLeast(1), 3)
    .option('--seed <number>', 'the first seed')
    .option('--show <figure>', `figure of the chart: ${figures} (default: ${SWEEP_FIGURES[0]!.name})`, parseFigure)
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; repeatable', collectSetting, {})
    .option('--confirm', 'run the client itself in virtual time at the best point', false)
    .option('-o, --out <folder>', 'folder for sweep.csv and sweep.png (default: reports/<name of the scenario>)')
    .option('--json', 'print the sweep as JSON', false);
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
  const overrides = { ...flags.set, ...(flags.seed !== undefined && { seed: flags.seed }) };
  const scenario = await loadGrid(file, overrides, flags.vary);
  if (flags.confirm)
    ensureConfirmable(
      scenario,
      flags.vary.map(({ path }) => path),
    );
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  const { seeds, vary: dimensions } = flags;
  const done = await runSweep({ file, overrides, dimensions, firstSeed: scenario.seed, seeds });
  const chart = sweepChart(scenario.name, done, flags.show ?? SWEEP_FIGURES[0]!);
  const drawings = chart ? await drawCharts([chart]) : [];
  writeFiles(folder, [['sweep.csv', sweepCsv(done)], ...drawings.map(({ file: image, png }) => [image, png] as const)]);
  printSweep(scenario, done, flags, folder);
  const { best } = done;
  return flags.confirm ? confirm(file, { ...overrides, ...best.point }, best.runs[0]!) : EXIT.passed;
}

/** Loads the scenario of every grid point, so that an invalid one is reported before any runs. Returns the first. */
async function loadGrid(
  file: string,
  overrides: Record<string, string>,
  vary: readonly Dimension[],
): Promise<Scenario> {
  const points = createGrid(vary).map((point) => ({ ...overrides, ...point }));
  const scenarios = await Promise.all(
    points.map((point) => loadScenario(file, { overrides: point, check: checkModel })),
  );
  return scenarios[0]!;
}

async function runSweep(options: Omit<SweepOptions, 'measure'>): Promise<Sweep> {
  const pool = createModelPool();
  try {
    return await sweep({ ...options, measure: pool.measure });
  } finally {
    await pool.close();
  }
}

function printSweep(scenario: Scenario, done: Sweep, { json, seeds }: SweepFlags, folder: string): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
    return;
  }
  const { client } = scenario;
  const assumed = client.assumed ? `, assumed for ${client.written} (set client.model to change it)` : '';
  const about = `${done.rows.length} points with ${seeds} seeds each, a model of ${client.model.name}${assumed}`;
  process.stdout.write(sweepSummary(scenario.name, about, done, terminal(process.stdout)));
  process.stdout.write(
    `  ${relative('.', folder) || '.'}/: sweep.csv${done.dimensions.length <= 2 ? ' sweep.png' : ''}\n\n`,
  );
}
