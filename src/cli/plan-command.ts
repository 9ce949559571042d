import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkModel } from '../plan/check-model.ts';
import { written } from '../plan/knob.ts';
import { createModelPool } from '../plan/model-pool.ts';
import { type Plan, plan } from '../plan/plan.ts';
import { planChart } from '../report/charts/plan-chart.ts';
import { drawCharts } from '../report/draw.ts';
import { planJson } from '../report/plan-json.ts';
import { planSummary } from '../report/terminal/plan-lines.ts';
import { ensureWritable, writeFiles } from '../report/write-report.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { confirm, ensureConfirmable } from './confirm.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { atLeast, collectSetting, positiveNumber } from './flags.ts';

interface PlanFlags {
  readonly vary?: string;
  readonly most?: number;
  readonly seeds: number;
  readonly seed?: string;
  readonly set: Record<string, string>;
  readonly confirm: boolean;
  readonly out?: string;
  readonly json: boolean;
}

export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .summary('how many users, or what rate, fit under the quota')
    .description(
      'Finds the largest load at which all thresholds and error verdicts hold, on a model of the client; where no ' +
        'threshold is about failed calls, call_failed: rate<0.01 is asked.',
    )
    .argument('[scenario]', 'a scenario file, or the name of a scenario that comes with quotalab')
    .option(
      '--vary <path>',
      'the number to turn, e.g. load[0].rate (default: VUs or arrival rate of the only executor)',
    )
    .option('--most <number>', 'try nothing above', positiveNumber)
    .option('--seeds <count>', 'seeds that must all hold', atLeast(1), 10)
    .option('--seed <number>', 'the first seed')
    .option('--set <path=value>', 'change the scenario; again for more', collectSetting, {})
    .option('--confirm', 'run the client itself in virtual time at the answer', false)
    .option('-o, --out <folder>', 'where the chart goes (default: reports/<name of the scenario>)')
    .option('--json', 'print the plan as JSON', false)
    .action(async (named: string | undefined, flags: PlanFlags) => {
      process.exitCode = await run(findScenario(named), flags);
    });
}

async function run(file: string, flags: PlanFlags): Promise<number> {
  const overrides = { ...flags.set, ...(flags.seed !== undefined && { seed: flags.seed }) };
  const scenario = await loadScenario(file, { overrides, check: checkModel });
  if (flags.confirm) ensureConfirmable(scenario, flags.vary === undefined ? [] : [flags.vary]);
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  const found = await planned(file, overrides, flags);
  const json = `${JSON.stringify(planJson(found), null, 2)}\n`;
  const drawings = await drawCharts([planChart(found)]);
  writeFiles(folder, [['plan.json', json], ...drawings.map(({ file: image, png }) => [image, png] as const)]);
  const color = process.stdout.isTTY && !process.env.NO_COLOR;
  process.stdout.write(flags.json ? json : planSummary(found, { color, width: process.stdout.columns ?? 100 }));
  if (!flags.json) process.stdout.write(`  ${relative('.', folder) || '.'}/: plan.png plan.json\n\n`);
  const { at, knob } = found;
  if (!flags.confirm || !at) return EXIT.passed;
  return confirm(file, { ...overrides, [knob.path]: written(knob, at.value) }, at.runs[0]!);
}

async function planned(file: string, overrides: Record<string, string>, flags: PlanFlags): Promise<Plan> {
  const pool = createModelPool();
  try {
    return await plan({
      file,
      overrides,
      check: checkModel,
      ...(flags.vary !== undefined && { path: flags.vary }),
      ...(flags.most !== undefined && { most: flags.most }),
      seeds: flags.seeds,
      measure: pool.measure,
    });
  } finally {
    await pool.close();
  }
}
