import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { ensureConfirmable } from '../experiment/confirm-model.ts';
import { toolName } from '../experiment/package-root.ts';
import { ensureWritable, writeFiles } from '../files/write-files.ts';
import { checkModel } from '../plan/check-model.ts';
import { formatParameter } from '../plan/parameter.ts';
import { type CapacityPlan, plan } from '../plan/plan.ts';
import { planChart } from '../report/charts/plan-chart.ts';
import { drawCharts } from '../report/draw.ts';
import { planPage } from '../report/page/plan-page.ts';
import { planJson } from '../report/plan-json.ts';
import { planResult, planSummary } from '../report/terminal/plan-lines.ts';
import { pathToOpen } from '../report/terminal/result-line.ts';
import { writePage } from '../report/write-page.ts';
import { type Override, type Overrides, replaceOverrides } from '../scenario/overrides.ts';
import { loadScenario } from '../traces/load-scenario.ts';
import { confirm } from './confirm.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { collectSetting, overridesOf, parsePositiveNumber, parseSeeds } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { printResult } from './print-result.ts';
import { terminal } from './terminal.ts';
import { typedCommand } from './typed-command.ts';
import { withModels } from './with-models.ts';

interface PlanFlags {
  readonly vary?: string;
  readonly most?: number;
  readonly seeds: number;
  readonly seed?: string;
  readonly set: readonly Override[];
  readonly confirm: boolean;
  readonly out?: string;
  readonly json: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
}

export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .summary('find how many users, or what rate, fit under the quota')
    .description(
      'Finds the largest load at which all thresholds and error verdicts pass, using a model of the client. Without a ' +
        'threshold on failed calls, call_failed: rate<0.01 applies.',
    )
    .argument('[scenario]', 'a scenario file, or the name of a bundled scenario')
    .option(
      '--vary <path>',
      'the number to vary, e.g. load[0].rate (default: VUs or arrival rate of the only executor)',
    )
    .option('--most <number>', 'largest value to try', parsePositiveNumber)
    .option('--seeds <count>', 'number of seeds that must all pass', parseSeeds(1), 10)
    .option('--seed <number>', 'the first seed')
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; repeatable', collectSetting, [])
    .option('--confirm', 'run the client itself in virtual time at the result', false)
    .option('-o, --out <folder>', 'folder for plan.png and plan.json (default: reports/<name of the scenario>)')
    .option('--json', 'print the plan as JSON', false)
    .option('--full', 'print the whole curve', false);
  addHelpFooter(command, {
    exitCodes: { 99: 'with --confirm: the client missed a goal' },
    example: "quotalab plan article --vary 'load[0].vus'",
  }).action(async (name: string | undefined, flags: PlanFlags) => {
    process.exitCode = await run(findScenario(name), flags);
  });
}

async function run(file: string, flags: PlanFlags): Promise<number> {
  const overrides = overridesOf(flags);
  const varied = flags.vary === undefined ? [] : [{ path: flags.vary, flag: `--vary ${flags.vary}` }];
  const scenario = await loadScenario(file, { overrides: [...overrides, ...varied], check: checkModel });
  if (flags.confirm) ensureConfirmable(scenario, flags.vary === undefined ? [] : [flags.vary]);
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  const found = await computePlan(file, overrides, flags);
  const json = `${JSON.stringify(planJson(found), null, 2)}\n`;
  process.stdout.write(flags.json ? json : planSummary(found, { ...terminal(process.stdout), full: flags.full }));
  const drawings = await drawCharts([planChart(found)]);
  const written = writeFiles(folder, [
    ['plan.json', json],
    ...drawings.map(({ file: image, png }) => [image, png] as const),
  ]);
  const page = await writePage(folder, planPage(found, toolName(), [typedCommand('The same again')]), 'plan.html');
  const files = [...(page === undefined ? [] : [page]), ...written];
  const { at, parameter } = found;
  const changed = at && replaceOverrides(overrides, { [parameter.path]: formatParameter(parameter, at.value) });
  const confirmed = flags.confirm && changed ? await confirm(file, changed, at.runs[0]!, flags) : undefined;
  const open = pathToOpen(files.map((path) => relative('.', path)));
  printResult(planResult(found, confirmed), { ...flags, open });
  return confirmed === false ? EXIT.failed : EXIT.passed;
}

function computePlan(file: string, overrides: Overrides, flags: PlanFlags): Promise<CapacityPlan> {
  const { vary, most, seeds } = flags;
  return withModels(flags, (measure) =>
    plan({ file, overrides, check: checkModel, path: vary, max: most, seeds, measure }),
  );
}
