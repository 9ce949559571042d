import { dirname } from 'node:path';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import { abortsOn } from '../analysis/metrics/abort-on-fail.ts';
import { type Attempt, type Call, type Run, readRun } from '../analysis/run/run-view.ts';
import type { JournalRecord } from '../journal/record.ts';
import { terminalSummary } from '../report/terminal/terminal.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import { runVirtual } from '../run/virtual.ts';
import { formatError } from '../scenario/format-problems.ts';
import { loadScenario, scenarioFrom } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { fileProblems, pathOf, readInput, type ScenarioFileInput, type VirtualRunInput } from './run-input.ts';

/** A run that is over, and what is to be known of it. */
export interface VirtualRun {
  readonly run: Run;
  readonly analysis: Analysis;
  readonly seed: number;
  /** By start, each with its attempts. */
  readonly calls: readonly Call[];
  /** By start, those of no call included. */
  readonly attempts: readonly Attempt[];
  /** The journal: what `quotalab report` reads, an object a line. */
  readonly records: readonly JournalRecord[];
  /** What the client printed. */
  readonly printed: string;
  /** What `quotalab run` would have printed. */
  summary(): string;
}

const SUMMARY_WIDTH = 100;
const NOBODY_WRITES = {
  write: () => undefined,
  writeLines: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

/** Where relative paths begin. */
type Folder = () => string;

/** The two ways to run in virtual time, for a test runner that tells where its test file is. */
export function virtualRunsFrom(folder: Folder): {
  /**
   * Runs a client module in virtual time, in a thread of its own; the same input gives the same run. Throws
   * `scenario/invalid` with every problem, and what `runVirtual` throws of the client.
   */
  virtualRun(input: VirtualRunInput | ScenarioFileInput): Promise<VirtualRun>;
  /** The same with several seeds from its own on: what a verdict that rests on chance needs to fail. */
  virtualRuns(input: (VirtualRunInput | ScenarioFileInput) & { readonly seeds: number }): Promise<VirtualRun[]>;
} {
  return {
    async virtualRun(input) {
      const { scenario, nameOf } = await read(input, folder());
      return runOne(scenario, nameOf);
    },
    async virtualRuns({ seeds, ...input }) {
      const wrong =
        Number.isInteger(seeds) && seeds > 0 ? [] : [{ path: 'seeds', message: 'must be a whole number above 0' }];
      const { scenario, nameOf } = await read(input, folder(), wrong);
      const runs: VirtualRun[] = [];
      for (let seed = scenario.seed; seed < scenario.seed + seeds; seed++) {
        runs.push(await runOne({ ...scenario, seed, provider: { ...scenario.provider, seed } }, nameOf));
      }
      return runs;
    },
  };
}

type NameOf = (path: string) => string;

async function read(
  input: VirtualRunInput | ScenarioFileInput,
  folder: string,
  wrong: readonly Problem[] = [],
): Promise<{ scenario: Scenario; nameOf: NameOf }> {
  if ('scenario' in input) return readFile(input, folder, wrong);
  const { raw, problems, nameOf } = readInput(input, folder);
  const found = [...wrong, ...problems];
  const scenario = await scenarioFrom(raw, folder, { check: checkScenario }).catch((error: unknown) => {
    throw told(error, nameOf, found);
  });
  if (found.length > 0) throw told(new QuotaLabError('scenario/invalid', ''), nameOf, found);
  return { scenario, nameOf };
}

async function readFile(
  { scenario: file, seed, set = {} }: ScenarioFileInput,
  folder: string,
  wrong: readonly Problem[],
): Promise<{ scenario: Scenario; nameOf: NameOf }> {
  const nameOf: NameOf = (path) => path;
  const found = [...wrong, ...fileProblems('scenario', file, "scenario: new URL('./scenario.yaml', import.meta.url)")];
  if (found.length > 0) throw told(new QuotaLabError('scenario/invalid', ''), nameOf, found);
  const changes = Object.entries({ ...set, ...(seed !== undefined && { seed }) });
  const overrides = Object.fromEntries(changes.map(([path, value]) => [path, String(value)]));
  const scenario = await loadScenario(pathOf(file, folder), { overrides, check: checkScenario }).catch(
    (error: unknown) => {
      throw told(error, nameOf);
    },
  );
  if (scenario.time === 'virtual') return { scenario, nameOf };
  const message = `is ${scenario.time}, and must be virtual in a test`;
  const problem = { path: 'time', message, hint: "set: { time: 'virtual' }" };
  throw told(new QuotaLabError('scenario/invalid', ''), nameOf, [problem]);
}

async function runOne(scenario: Scenario, nameOf: NameOf): Promise<VirtualRun> {
  let printed = '';
  try {
    const outcome = await runVirtual(scenario, {
      tool: 'quotalab/vitest',
      oneAhead: true,
      openJournal: () => NOBODY_WRITES,
      allowHosts: [],
      interrupted: new AbortController().signal,
      print: (text) => {
        printed += text;
      },
      ...abortsOn(scenario),
    });
    const failure = outcomeFailure(outcome);
    if (failure) throw failure;
    const run = readRun(outcome.records);
    const analysis = analyse(run);
    const summary = (): string => terminalSummary(run, analysis, { color: false, width: SUMMARY_WIDTH });
    const { calls, attempts } = run;
    return { run, analysis, seed: scenario.seed, calls, attempts, records: outcome.records, printed, summary };
  } catch (error) {
    throw told(error, nameOf, [], printed);
  }
}

/** The error as a test runner shows it, which is by its message: every problem in it, with paths as the test has them. */
function told(error: unknown, nameOf: NameOf, more: readonly Problem[] = [], printed = ''): unknown {
  if (!(error instanceof QuotaLabError)) return error;
  const problems = [...more, ...error.problems.map((problem) => ({ ...problem, path: nameOf(problem.path) }))];
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const message =
    error.code === 'scenario/invalid' && !problems[0]?.file ? `virtualRun was given ${count}` : error.message;
  const whole = new QuotaLabError(error.code, message, { problems, fault: error.fault, cause: error.cause });
  const said = printed === '' ? '' : `\nIt printed:\n${printed.trimEnd()}`;
  return new QuotaLabError(error.code, formatError(whole) + said, { problems, fault: error.fault, cause: error.cause });
}

/** The folder of a test file, else the working directory. */
export function folderOf(testPath: string | undefined): string {
  return testPath === undefined ? process.cwd() : dirname(testPath);
}
