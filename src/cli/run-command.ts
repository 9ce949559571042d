import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkScenario } from '../analysis/check-scenario.ts';
import { ensureWritable } from '../files/write-files.ts';
import { comparisonResult } from '../report/terminal/comparison-result.ts';
import { type LoadFlags, loadOverrides } from '../scenario/load-flags.ts';
import { readRawScenario } from '../scenario/load-scenario.ts';
import type { Override } from '../scenario/overrides.ts';
import { loadScenario } from '../traces/load-scenario.ts';
import { applyBaseline, type Baseline, type BaselineFlags, type BaselineOutcome, prepareBaseline } from './baseline.ts';
import { reportDeterminism } from './check-determinism.ts';
import { addCiOptions, type CiFlags, type CiOutputs } from './ci-outputs.ts';
import { addAllowances } from './compare-command.ts';
import { findScenario } from './find-scenario.ts';
import { collect, collectSetting, JOURNAL_OPTION, overridesOf, parseSeeds } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { judgedAction } from './judged-action.ts';
import { UI_FLAG } from './live-page.ts';
import { printResult } from './print-result.ts';
import type { ReportedRun } from './reported-run.ts';
import { runSeed } from './run-seed.ts';
import { reportSeeds } from './run-seeds.ts';

interface RunFlags extends BaselineFlags, CiFlags, LoadFlags {
  readonly set: readonly Override[];
  readonly seed?: string;
  readonly seeds?: number;
  readonly out?: string;
  readonly journal?: string;
  readonly charts: boolean;
  readonly html: boolean;
  readonly full: boolean;
  readonly quiet: boolean;
  readonly ui: boolean;
  readonly allowHost: string[];
  readonly allowInconclusive: boolean;
  readonly confirm: boolean;
}

export function addRunCommand(program: Command): void {
  const command = program
    .command('run', { isDefault: true })
    .summary('run a scenario and judge the client (default: quotalab.yaml)')
    .description('Runs a scenario: starts its provider, puts its load on your client, writes charts and verdicts.')
    .argument('[scenario]', 'a YAML file, a TypeScript module, or the name of a bundled scenario')
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; repeatable', collectSetting, [])
    .option('--rate <rate>', 'arrivals of constant-arrival-rate, e.g. 5/s or 500/min')
    .option('--vus <number>', 'virtual users of constant-vus, per-vu-iterations and shared-iterations')
    .option(
      '--duration <time>',
      'length of the load, e.g. 5m; of per-vu-iterations and shared-iterations the maxDuration',
    )
    .option('--iterations <number>', 'iterations of per-vu-iterations (of each user) and shared-iterations (of all)')
    .option('--seed <number>', 'seed of all random numbers')
    .option('--seeds <count>', 'run this many seeds one after the other and show their spread', parseSeeds(2))
    .option('--no-confirm', 'do not repeat the run with the next seed; a verdict that depends on chance only warns')
    .option(
      '--check-determinism',
      'run twice in virtual time and show the first difference between the journals',
      false,
    )
    .option('-o, --out <folder>', 'folder for the reports (default: reports/<name of the scenario>)')
    .option('--journal <file>', JOURNAL_OPTION)
    .option('--json', 'print the summary as JSON', false)
    .option('--full', 'print every verdict with its figures, also those that passed', false)
    .option('--no-charts', 'do not draw charts')
    .option('--no-html', 'do not write report.html')
    .option('-q, --quiet', 'do not print progress on stderr', false)
    .option(...UI_FLAG)
    .option(
      '--allow-host <name>',
      'allow the client to reach this host; repeatable (default: only this machine)',
      collect,
      [],
    )
    .option('--baseline <file>', 'compare the run with this file; exit code 99 on a regression')
    .option('--update-baseline', 'write the baseline file instead of comparing with it', false)
    .option('--allow-inconclusive', 'do not fail on a required verdict that was not decided', false);
  addCiOptions(addAllowances(command));
  addHelpFooter(command, {
    exitCodes: { 0: 'passed', 99: 'a verdict or threshold failed, or a regression', 130: 'interrupted' },
    example: "quotalab run article --set 'load[0].vus=5' --seeds 3",
  }).action((name: string | undefined, flags: RunFlags) =>
    judgedAction(flags, name ?? 'quotalab', (ci) => runCommand(name, flags, ci)),
  );
}

/** The changes of the flags of a load, which depend on its executors. A file that cannot be read is told when it is loaded. */
async function loadChanges(file: string, flags: RunFlags): Promise<readonly Override[]> {
  const { rate, vus, duration, iterations, set } = flags;
  if ([rate, vus, duration, iterations].every((value) => value === undefined)) return [];
  return loadOverrides(await readRawScenario(file, set), { rate, vus, duration, iterations });
}

/** Compares a run with the baseline, then prints the line of the result: one, for both. */
async function compareAndEnd(
  finished: ReportedRun,
  baseline: Baseline | undefined,
  folder: string,
  flags: RunFlags,
): Promise<BaselineOutcome> {
  let outcome: BaselineOutcome | undefined;
  try {
    outcome = await applyBaseline(finished, baseline, folder, flags);
    return outcome;
  } finally {
    // Also if the comparison could not be written.
    const { last } = finished;
    const { comparison } = outcome ?? {};
    const result = last && comparison ? comparisonResult(comparison, last.result) : last?.result;
    if (result) printResult(result, { ...flags, open: last?.open });
  }
}

async function runCommand(name: string | undefined, flags: RunFlags, ci: CiOutputs): Promise<number> {
  const file = findScenario(name);
  if (name === undefined && !flags.quiet) process.stderr.write(`quotalab: running ${file}\n`);
  const overrides = [...overridesOf(flags), ...(await loadChanges(file, flags))];
  const scenario = await loadScenario(file, { overrides, check: checkScenario });
  const baseline = await prepareBaseline(scenario, flags);
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  if (flags.journal !== undefined) ensureWritable(dirname(resolve(flags.journal)));
  for (const host of flags.allowHost) process.stderr.write(`quotalab: the client may reach ${host}\n`);
  if (flags.checkDeterminism) return reportDeterminism(scenario, folder, flags);
  const finished =
    flags.seeds === undefined
      ? await runSeed(scenario, folder, flags)
      : await reportSeeds(scenario, flags.seeds, folder, flags);
  const { exitCode, comparison } = await compareAndEnd(finished, baseline, folder, flags);
  const { judged, error } = finished;
  if (judged) await ci.writeRun({ ...judged, ...(comparison && { comparison }) }, { file, scenario });
  else await ci.writeError(scenario.name, error);
  return exitCode;
}
