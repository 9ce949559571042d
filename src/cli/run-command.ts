import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { readRun } from '../analysis/run-view.ts';
import { evaluateThresholds } from '../analysis/thresholds.ts';
import { createJournalWriter } from '../journal/journal-writer.ts';
import type { JournalRecord } from '../journal/record.ts';
import { ensureWritable } from '../report/write-report.ts';
import { type RunOutcome, runWall } from '../run/wall.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { checkScenario } from './checks.ts';
import { conclude } from './conclude.ts';
import { EXIT } from './exit-code.ts';
import { findScenario } from './find-scenario.ts';
import { version } from './package-root.ts';
import { createProgress } from './progress.ts';
import { tellError } from './tell-error.ts';

interface RunFlags {
  readonly set: Record<string, string>;
  readonly seed?: string;
  readonly out?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly allowHost: string[];
  readonly allowInconclusive: boolean;
}

export function addRunCommand(program: Command): void {
  program
    .command('run', { isDefault: true })
    .summary('run a scenario and judge the client (without a file: quotalab.yaml, else the article)')
    .description('Runs a scenario: its provider, its load on your client, then charts, verdicts and an exit code.')
    .argument('[scenario]', 'a YAML file, a TypeScript module, or the name of a scenario that comes with quotalab')
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; again for more', collectSetting, {})
    .option('--seed <number>', 'everything random follows from it')
    .option('-o, --out <folder>', 'where reports go (default: reports/<name of the scenario>)')
    .option('--json', 'print the summary as JSON', false)
    .option('-q, --quiet', 'no progress on stderr', false)
    .option('--allow-host <name>', 'a host beside this machine that the client may reach; again for more', collect, [])
    .option('--allow-inconclusive', 'a verdict without enough evidence does not fail the run', false)
    .addHelpText(
      'after',
      '\nExit codes: 0 passed, 99 a threshold or verdict failed, 2 bad input, 1 the tool failed, 130 interrupted.',
    )
    .action(async (named: string | undefined, flags: RunFlags) => {
      process.exitCode = await run(named, flags);
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

function collectSetting(text: string, before: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('must be path=value');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

async function run(named: string | undefined, flags: RunFlags): Promise<number> {
  const file = findScenario(named);
  if (named === undefined && !flags.quiet) process.stderr.write(`quotalab: running ${file}\n`);
  const overrides = { ...flags.set, ...(flags.seed !== undefined && { seed: flags.seed }) };
  const scenario = await loadScenario(file, { overrides, check: checkScenario });
  const folder = resolve(flags.out ?? join('reports', scenario.name));
  ensureWritable(folder);
  for (const host of flags.allowHost) process.stderr.write(`quotalab: the client may reach ${host}\n`);
  const outcome = await runInterruptibly(scenario, folder, flags).catch((error: unknown) => {
    if (!(error instanceof QuotaLabError && error.code === 'client/interrupted')) throw error;
    tellError(error);
  });
  if (!outcome) return EXIT.interrupted;
  const { exitCode } = await conclude(outcome.records, { folder, ...flags });
  return exitCodeOf(outcome, exitCode);
}

async function runInterruptibly(scenario: Scenario, folder: string, flags: RunFlags): Promise<RunOutcome> {
  const interrupted = new AbortController();
  const progress = createProgress(flags.quiet);
  const interrupt = (): void => {
    // Whoever asks twice does not want to wait for reports.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await runWall(scenario, {
      tool: `quotalab ${version()}`,
      openJournal: () => createJournalWriter(join(folder, 'journal.jsonl')),
      allowHosts: flags.allowHost,
      interrupted: interrupted.signal,
      print: (text) => process.stderr.write(text),
      onTick: progress.tick,
      shouldStop: abortsOn(scenario),
    });
  } finally {
    progress.end();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Whether a threshold with `abortOnFail` has failed by now. One without samples yet has not. */
function abortsOn({ thresholds }: Scenario): (elapsedUs: number, records: readonly JournalRecord[]) => boolean {
  const aborting = thresholds.filter(({ abortOnFail }) => abortOnFail);
  return (elapsedUs, records) => {
    const due = aborting.filter(({ delayAbortEvalUs }) => elapsedUs >= delayAbortEvalUs);
    return due.length > 0 && evaluateThresholds(readRun(records), due).some(({ ok, samples }) => !ok && samples > 0);
  };
}

/** An interrupted run or a client that failed as a program outranks what the verdicts say. */
function exitCodeOf({ stopped, clientError, records }: RunOutcome, verdict: number): number {
  if (clientError) {
    tellError(clientError);
    return EXIT.badInput;
  }
  if (stopped === 'interrupted') return EXIT.interrupted;
  const calls = records.filter((record) => record.type === 'call');
  if (calls.length > 0 && calls.every(({ result }) => result === 'open')) {
    const message = `none of ${calls.length} calls ended: the client's promise never resolves`;
    tellError(new QuotaLabError('client/never-resolves', message));
    return EXIT.badInput;
  }
  return verdict;
}
