import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Analysis } from '../analysis/analysis.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import { readRun } from '../analysis/run/run-view.ts';
import { createMeasurement } from '../comparison/measurement.ts';
import { ensureWritable } from '../report/write-report.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type BaselineFlags, readBaseline } from './baseline.ts';
import { checkDeterminism } from './check-determinism.ts';
import { addCiOptions, type CiFlags, type CiOutputs, createCiOutputs } from './ci-outputs.ts';
import { addAllowances } from './compare-command.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { collect, collectSetting, parseAtLeast } from './flags.ts';
import { addHelpFooter } from './help.ts';
import { repeatWithNextSeed } from './repeat-seed.ts';
import { reportRun } from './report-run.ts';
import { resolveExitCode, runOnce } from './run-once.ts';
import { type FinishedRun, INTERRUPTED, runSeeds } from './run-seeds.ts';

export interface RunFlags extends BaselineFlags, CiFlags {
  readonly set: Record<string, string>;
  readonly seed?: string;
  readonly seeds?: number;
  readonly out?: string;
  readonly charts: boolean;
  readonly quiet: boolean;
  readonly allowHost: string[];
  readonly allowInconclusive: boolean;
  readonly confirm: boolean;
}

export function addRunCommand(program: Command): void {
  const command = program
    .command('run', { isDefault: true })
    .summary('run a scenario and judge the client (default: quotalab.yaml, or the bundled article)')
    .description('Runs a scenario: starts its provider, puts its load on your client, writes charts and verdicts.')
    .argument('[scenario]', 'a YAML file, a TypeScript module, or the name of a bundled scenario')
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; repeatable', collectSetting, {})
    .option('--seed <number>', 'seed of all random numbers')
    .option('--seeds <count>', 'run this many seeds one after the other and show their spread', parseAtLeast(2))
    .option('--no-confirm', 'do not repeat the run with the next seed; a verdict that depends on chance only warns')
    .option(
      '--check-determinism',
      'run twice in virtual time and show the first difference between the journals',
      false,
    )
    .option('-o, --out <folder>', 'folder for the reports (default: reports/<name of the scenario>)')
    .option('--json', 'print the summary as JSON', false)
    .option('--no-charts', 'do not draw charts')
    .option('-q, --quiet', 'do not print progress on stderr', false)
    .option(
      '--allow-host <name>',
      'allow the client to reach this host; repeatable (default: only this machine)',
      collect,
      [],
    )
    .option('--baseline <file>', 'compare the run with this file; exit code 99 on a regression')
    .option('--update-baseline', 'write the baseline file instead of comparing with it', false)
    .option('--allow-inconclusive', 'do not fail on a verdict without enough evidence', false);
  addCiOptions(addAllowances(command));
  addHelpFooter(command, {
    exitCodes: { 0: 'passed', 99: 'a verdict or threshold failed, or a regression', 130: 'interrupted' },
    example: "quotalab run article --set 'load[0].vus=5' --seeds 3",
  }).action(async (name: string | undefined, flags: RunFlags) => {
    process.exitCode = await runWithCi(name, flags);
  });
}

/** Runs the scenario and reports the result, or the error, to CI systems. */
async function runWithCi(name: string | undefined, flags: RunFlags): Promise<number> {
  const ci = createCiOutputs(flags, flags);
  try {
    return await runCommand(name, flags, ci);
  } catch (error) {
    await ci.writeError(name ?? 'quotalab', error);
    throw error;
  }
}

async function runCommand(name: string | undefined, flags: RunFlags, ci: CiOutputs): Promise<number> {
  const file = findScenario(name);
  if (name === undefined && !flags.quiet) process.stderr.write(`quotalab: running ${file}\n`);
  const overrides = { ...flags.set, ...(flags.seed !== undefined && { seed: flags.seed }) };
  const scenario = await loadScenario(file, { overrides, check: checkScenario });
  const baseline = await readBaseline(scenario, flags);
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  for (const host of flags.allowHost) process.stderr.write(`quotalab: the client may reach ${host}\n`);
  if (flags.checkDeterminism) return checkDeterminism(scenario, folder, flags);
  const finished =
    flags.seeds === undefined
      ? await runSeed(scenario, folder, flags)
      : await runSeeds(scenario, flags.seeds, folder, flags);
  const { exitCode, comparison } = await baseline.apply(finished, folder);
  const { judged, error } = finished;
  if (judged) await ci.writeRun({ ...judged, ...(comparison && { comparison }) }, { file, scenario });
  else await ci.writeError(scenario.name, error);
  return exitCode;
}

async function runSeed(scenario: Scenario, folder: string, flags: RunFlags): Promise<FinishedRun> {
  const journal = join(folder, 'journal.jsonl');
  const outcome = await runOnce(scenario, { journal, ...flags });
  if (!outcome) return INTERRUPTED;
  let isInterrupted = false;
  const refine = async (first: Analysis): Promise<Analysis> => {
    if (outcome.stopped || outcomeFailure(outcome)) return first;
    const { analysis, interrupted } = await repeatWithNextSeed(scenario, first, flags);
    isInterrupted = interrupted;
    return analysis;
  };
  const run = readRun(outcome.records);
  const { analysis, exitCode } = await reportRun(run, { folder, journal, refine, ...flags });
  const code = isInterrupted ? EXIT.interrupted : resolveExitCode(outcome, exitCode);
  const failed = code !== EXIT.passed && code !== EXIT.interrupted;
  if (failed) process.stderr.write(`quotalab: failed with seed ${scenario.seed}\n`);
  const error = code === EXIT.interrupted ? INTERRUPTED.error : outcomeFailure(outcome);
  return {
    exitCode: code,
    measurement: createMeasurement(run, analysis),
    judged: {
      header: run.header,
      endUs: run.endUs,
      verdicts: analysis.verdicts,
      seeds: [{ seed: scenario.seed, thresholds: analysis.thresholds }],
      ...(error && { error }),
    },
  };
}
