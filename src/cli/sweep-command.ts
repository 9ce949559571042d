import { join, relative, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { checkModel } from '../plan/check-model.ts';
import { createModelPool } from '../plan/model-pool.ts';
import { type Sweep, type SweepOptions, sweep } from '../plan/sweep.ts';
import { type Dimension, gridOf, parseVary } from '../plan/vary.ts';
import { sweepChart } from '../report/charts/sweep-chart.ts';
import { drawCharts } from '../report/draw.ts';
import { SWEEP_FIGURES, type SweepFigure, sweepCsv, sweepSummary } from '../report/terminal/sweep-lines.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { confirm, ensureConfirmable } from './confirm.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { atLeast, collectSetting } from './flags.ts';

interface SweepFlags {
  readonly vary: readonly Dimension[];
  readonly seeds: number;
  readonly seed?: string;
  readonly show: SweepFigure;
  readonly set: Record<string, string>;
  readonly confirm: boolean;
  readonly out?: string;
  readonly json: boolean;
}

export function addSweepCommand(program: Command): void {
  const figures = SWEEP_FIGURES.map(({ name }) => name).join(', ');
  program
    .command('sweep')
    .summary('what each setting does: a grid of them on a model of the client')
    .argument('[scenario]', 'a scenario file, or the name of a scenario that comes with quotalab')
    .requiredOption(
      '--vary <path=range>',
      'client.retries.max=0..8, load[0].vus=10..100..10, provider.limits.requests.capacity=5,10,20; again for more',
      (text: string, before: readonly Dimension[]) => [...before, parseVary(text)],
      [],
    )
    .option('--seeds <count>', 'seeds at each point', atLeast(1), 3)
    .option('--seed <number>', 'the first seed')
    .option('--show <figure>', `what the chart shows: ${figures}`, figureOf, SWEEP_FIGURES[0]!)
    .option('--set <path=value>', 'change the scenario; again for more', collectSetting, {})
    .option('--confirm', 'run the client itself in virtual time at the best point', false)
    .option('-o, --out <folder>', 'where table and chart go (default: reports/<name of the scenario>)')
    .option('--json', 'print the sweep as JSON', false)
    .action(async (named: string | undefined, flags: SweepFlags) => {
      process.exitCode = await run(findScenario(named), flags);
    });
}

function figureOf(name: string): SweepFigure {
  const figure = SWEEP_FIGURES.find((one) => one.name === name);
  if (figure) return figure;
  throw new InvalidArgumentError(`must be one of ${SWEEP_FIGURES.map((one) => one.name).join(', ')}`);
}

async function run(file: string, flags: SweepFlags): Promise<number> {
  const overrides = { ...flags.set, ...(flags.seed !== undefined && { seed: flags.seed }) };
  const scenario = await checked(file, overrides, flags.vary);
  if (flags.confirm)
    ensureConfirmable(
      scenario,
      flags.vary.map(({ path }) => path),
    );
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  const { seeds, vary: dimensions } = flags;
  const done = await swept({ file, overrides, dimensions, firstSeed: scenario.seed, seeds });
  const chart = sweepChart(scenario.name, done, flags.show);
  const drawings = chart ? await drawCharts([chart]) : [];
  writeFiles(folder, [['sweep.csv', sweepCsv(done)], ...drawings.map(({ file: image, png }) => [image, png] as const)]);
  tell(scenario, done, flags, folder);
  const { best } = done;
  return flags.confirm ? confirm(file, { ...overrides, ...best.point }, best.runs[0]!) : EXIT.passed;
}

/** Every point of the grid is a scenario: what is wrong with one is told before any is run. */
async function checked(file: string, overrides: Record<string, string>, vary: readonly Dimension[]): Promise<Scenario> {
  const points = gridOf(vary).map((point) => ({ ...overrides, ...point }));
  const scenarios = await Promise.all(
    points.map((point) => loadScenario(file, { overrides: point, check: checkModel })),
  );
  return scenarios[0]!;
}

async function swept(options: Omit<SweepOptions, 'measure'>): Promise<Sweep> {
  const pool = createModelPool();
  try {
    return await sweep({ ...options, measure: pool.measure });
  } finally {
    await pool.close();
  }
}

function tell(scenario: Scenario, done: Sweep, { json, seeds }: SweepFlags, folder: string): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
    return;
  }
  const { client } = scenario;
  const assumed = client.assumed ? `, assumed to stand for ${client.written} (client.model says another)` : '';
  const about = `${done.rows.length} points with ${seeds} seeds each, a model of ${client.model.name}${assumed}`;
  const color = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(sweepSummary(scenario.name, about, done, { color, width: process.stdout.columns ?? 100 }));
  process.stdout.write(
    `  ${relative('.', folder) || '.'}/: sweep.csv${done.dimensions.length <= 2 ? ' sweep.png' : ''}\n\n`,
  );
}
