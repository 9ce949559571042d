import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Analysis } from '../analysis/analysis.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import { readRun } from '../analysis/run/run-view.ts';
import { measurementOf } from '../comparison/measurement.ts';
import { ensureWritable } from '../report/write-report.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type BaselineFlags, readBaseline } from './baseline.ts';
import { checkDeterminism } from './check-determinism.ts';
import { addCiOptions, type CiFlags, type CiOutputs, ciOutputs } from './ci-outputs.ts';
import { addAllowances } from './compare-command.ts';
import { conclude } from './conclude.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { atLeast, collect, collectSetting } from './flags.ts';
import { repeatWhereOpen } from './repeat-seed.ts';
import { exitCodeOf, runOnce } from './run-once.ts';
import { type Concluded, INTERRUPTED, runSeeds } from './run-seeds.ts';

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
    .summary('run a scenario and judge the client (without a file: quotalab.yaml, else the article)')
    .description('Runs a scenario: its provider, its load on your client, then charts, verdicts and an exit code.')
    .argument('[scenario]', 'a YAML file, a TypeScript module, or the name of a scenario that comes with quotalab')
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; again for more', collectSetting, {})
    .option('--seed <number>', 'everything random follows from it')
    .option('--seeds <count>', 'run as many seeds, one after the other, and show how far they differ', atLeast(2))
    .option('--no-confirm', 'a verdict that rests on chance only warns; the run is not repeated with the next seed')
    .option('--check-determinism', 'run twice in virtual time and show the first difference of the journals', false)
    .option('-o, --out <folder>', 'where reports go (default: reports/<name of the scenario>)')
    .option('--json', 'print the summary as JSON', false)
    .option('--no-charts', 'draw nothing')
    .option('-q, --quiet', 'no progress on stderr', false)
    .option('--allow-host <name>', 'a host beside this machine that the client may reach; again for more', collect, [])
    .option('--baseline <file>', 'compare the run with this file; exit 99 where something got worse')
    .option('--update-baseline', 'write the baseline instead of comparing with it', false)
    .option('--allow-inconclusive', 'a verdict without enough evidence does not fail the run', false);
  addCiOptions(addAllowances(command))
    .addHelpText(
      'after',
      '\nExit codes: 0 passed, 99 a threshold or verdict failed, 2 bad input, 1 the tool failed, 130 interrupted.',
    )
    .action(async (named: string | undefined, flags: RunFlags) => {
      process.exitCode = await runNamed(named, flags);
    });
}

/** Whatever happens, CI systems are told. */
async function runNamed(named: string | undefined, flags: RunFlags): Promise<number> {
  const ci = ciOutputs(flags, flags);
  try {
    return await runFound(named, flags, ci);
  } catch (error) {
    await ci.tellFault(named ?? 'quotalab', error);
    throw error;
  }
}

async function runFound(named: string | undefined, flags: RunFlags, ci: CiOutputs): Promise<number> {
  const file = findScenario(named);
  if (named === undefined && !flags.quiet) process.stderr.write(`quotalab: running ${file}\n`);
  const overrides = { ...flags.set, ...(flags.seed !== undefined && { seed: flags.seed }) };
  const scenario = await loadScenario(file, { overrides, check: checkScenario });
  const against = await readBaseline(scenario, flags);
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  for (const host of flags.allowHost) process.stderr.write(`quotalab: the client may reach ${host}\n`);
  if (flags.checkDeterminism) return checkDeterminism(scenario, folder, flags);
  const concluded =
    flags.seeds === undefined
      ? await runSeed(scenario, folder, flags)
      : await runSeeds(scenario, flags.seeds, folder, flags);
  const { exitCode, comparison } = await against.conclude(concluded, folder);
  const { judged, fault } = concluded;
  if (judged) await ci.tell({ ...judged, ...(comparison && { comparison }) }, { file, scenario });
  else await ci.tellFault(scenario.name, fault);
  return exitCode;
}

async function runSeed(scenario: Scenario, folder: string, flags: RunFlags): Promise<Concluded> {
  const journal = join(folder, 'journal.jsonl');
  const outcome = await runOnce(scenario, { journal, ...flags });
  if (!outcome) return INTERRUPTED;
  let isInterrupted = false;
  const settle = async (alone: Analysis): Promise<Analysis> => {
    if (outcome.stopped || outcomeFailure(outcome)) return alone;
    const { analysis, interrupted } = await repeatWhereOpen(scenario, alone, flags);
    isInterrupted = interrupted;
    return analysis;
  };
  const run = readRun(outcome.records);
  const { analysis, exitCode } = await conclude(run, { folder, journal, settle, ...flags });
  const code = isInterrupted ? EXIT.interrupted : exitCodeOf(outcome, exitCode);
  const failed = code !== EXIT.passed && code !== EXIT.interrupted;
  if (failed) process.stderr.write(`quotalab: failed with seed ${scenario.seed}\n`);
  const fault = code === EXIT.interrupted ? INTERRUPTED.fault : outcomeFailure(outcome);
  return {
    exitCode: code,
    measurement: measurementOf(run, analysis),
    judged: {
      header: run.header,
      endUs: run.endUs,
      verdicts: analysis.verdicts,
      seeds: [{ seed: scenario.seed, thresholds: analysis.thresholds }],
      ...(fault && { fault }),
    },
  };
}
