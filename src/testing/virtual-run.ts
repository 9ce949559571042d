import { dirname } from 'node:path';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import type { Analysis } from '../analysis/analysis.ts';
import type { Attempt, Call, Run } from '../analysis/run/run-view.ts';
import { fileProblems } from '../experiment/input-file.ts';
import { loadCheckedScenario } from '../experiment/load-checked-scenario.ts';
import { runOnce } from '../experiment/run-once.ts';
import { withSeeds } from '../experiment/with-seed.ts';
import type { JournalRecord } from '../journal/record.ts';
import { terminalSummary } from '../report/terminal/terminal.ts';
import { formatError } from '../scenario/format-problems.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { parseInput, type ScenarioFileInput, type VirtualRunInput } from './run-input.ts';

/** A finished run and its results. */
export interface VirtualRun {
  readonly run: Run;
  readonly analysis: Analysis;
  readonly seed: number;
  /** Sorted by start, each with its attempts. */
  readonly calls: readonly Call[];
  /** Sorted by start, including attempts without a call. */
  readonly attempts: readonly Attempt[];
  /** The records of the journal, as `quotalab report` reads them. */
  readonly records: readonly JournalRecord[];
  /** The output of the client. */
  readonly printed: string;
  /** Returns the summary that `quotalab run` prints. */
  summary(): string;
}

const SUMMARY_WIDTH = 100;

/** Returns the folder where relative paths start. */
type Folder = () => string;

/** Returns `virtualRun` and `virtualRuns` for a test runner. */
export function virtualRunsFrom(folder: Folder): {
  /**
   * Runs a client module in virtual time, in its own thread. The same input gives the same run. Throws `scenario/invalid`
   * with every problem, and the client errors of `runVirtual`.
   */
  virtualRun(input: VirtualRunInput | ScenarioFileInput): Promise<VirtualRun>;
  /**
   * Runs several consecutive seeds, starting with the seed of the input. A verdict decided by chance can fail only with several
   * seeds.
   */
  virtualRuns(input: (VirtualRunInput | ScenarioFileInput) & { readonly seeds: number }): Promise<VirtualRun[]>;
} {
  return {
    async virtualRun(input) {
      const { scenario, toInputPath } = await loadInput(input, folder());
      return runOne(scenario, toInputPath);
    },
    async virtualRuns({ seeds, ...input }) {
      const seedProblems =
        Number.isInteger(seeds) && seeds > 0 ? [] : [{ path: 'seeds', message: 'must be a whole number above 0' }];
      const { scenario, toInputPath } = await loadInput(input, folder(), seedProblems);
      const runs: VirtualRun[] = [];
      for (const seeded of withSeeds(scenario, seeds)) runs.push(await runOne(seeded, toInputPath));
      return runs;
    },
  };
}

type ToInputPath = (path: string) => string;

async function loadInput(
  input: VirtualRunInput | ScenarioFileInput,
  folder: string,
  otherProblems: readonly Problem[] = [],
): Promise<{ scenario: Scenario; toInputPath: ToInputPath }> {
  if ('scenario' in input) return loadFile(input, folder, otherProblems);
  const { raw, problems, toInputPath } = parseInput(input, folder);
  const found = [...otherProblems, ...problems];
  const scenario = await loadCheckedScenario(raw, { folder }).catch((error: unknown) => {
    throw toTestError(error, toInputPath, found);
  });
  if (found.length > 0) throw toTestError(new QuotaLabError('scenario/invalid', ''), toInputPath, found);
  return { scenario, toInputPath };
}

async function loadFile(
  { scenario: file, seed, set }: ScenarioFileInput,
  folder: string,
  otherProblems: readonly Problem[],
): Promise<{ scenario: Scenario; toInputPath: ToInputPath }> {
  const toInputPath: ToInputPath = (path) => path;
  const found = [
    ...otherProblems,
    ...fileProblems('scenario', file, "scenario: new URL('./scenario.yaml', import.meta.url)"),
  ];
  if (found.length > 0) throw toTestError(new QuotaLabError('scenario/invalid', ''), toInputPath, found);
  const scenario = await loadCheckedScenario(file, { set, seed, folder }).catch((error: unknown) => {
    throw toTestError(error, toInputPath);
  });
  if (scenario.time === 'virtual') return { scenario, toInputPath };
  const message = `is ${scenario.time}, and must be virtual in a test`;
  const problem = { path: 'time', message, hint: "set: { time: 'virtual' }" };
  throw toTestError(new QuotaLabError('scenario/invalid', ''), toInputPath, [problem]);
}

async function runOne(scenario: Scenario, toInputPath: ToInputPath): Promise<VirtualRun> {
  let printed = '';
  try {
    const { seed, run, analysis, records, failure } = await runOnce(scenario, {
      tool: 'quotalab/vitest',
      keepSpareThread: true,
      print: (text) => {
        printed += text;
      },
    });
    if (failure) throw failure;
    const summary = (): string => terminalSummary(run, analysis, { color: false, width: SUMMARY_WIDTH, full: true });
    const { calls, attempts } = run;
    return { run, analysis, seed, calls, attempts, records, printed, summary };
  } catch (error) {
    throw toTestError(error, toInputPath, [], printed);
  }
}

/** Converts an error for a test runner, which shows only the message: it lists every problem, with the paths of the input. */
function toTestError(error: unknown, toInputPath: ToInputPath, more: readonly Problem[] = [], printed = ''): unknown {
  if (!(error instanceof QuotaLabError)) return error;
  const problems = [...more, ...error.problems.map((problem) => ({ ...problem, path: toInputPath(problem.path) }))];
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const message =
    error.code === 'scenario/invalid' && !problems[0]?.file ? `the input of virtualRun has ${count}` : error.message;
  const complete = new QuotaLabError(error.code, message, { problems, cause: error.cause });
  const output = printed === '' ? '' : `\nClient output:\n${printed.trimEnd()}`;
  return new QuotaLabError(error.code, formatError(complete) + output, {
    problems,
    cause: error.cause,
  });
}

/** Returns the folder of a test file, or the working directory. */
export function folderOf(testPath: string | undefined): string {
  return testPath === undefined ? process.cwd() : dirname(testPath);
}
