import type { Analysis } from '../analysis/analysis.ts';
import type { VerdictId } from '../analysis/judging/judge-run.ts';
import type { Verdict } from '../analysis/judging/verdict.ts';
import { aggregateByName, type MetricValues } from '../analysis/metrics/metric-values.ts';
import type { ThresholdResult } from '../analysis/metrics/thresholds.ts';
import { hasPassed } from '../analysis/pass-rule.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { type JournalPlace, journalAt, journalIn } from '../journal/journal-place.ts';
import type { JournalRecord } from '../journal/record.ts';
import type { Progress } from '../run/run-context.ts';
import { type LoadScenarioOptions, loadCheckedScenario, type ScenarioSource } from './load-checked-scenario.ts';
import { isComplete, runEachSeed } from './run-each-seed.ts';
import { type FinishedRun, runOnce } from './run-once.ts';
import { repeatWithNextSeed } from './second-seed.ts';

/** Options of `run` and `runSeeds`. */
interface CommonOptions extends LoadScenarioOptions {
  /**
   * Interrupts the run; the incomplete run is still judged.
   * @default never
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called about once per second of machine time, with the time of the run and its records so far.
   * @default not called
   */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Hosts other than this machine that the client may reach.
   * @default []
   */
  readonly allowHosts?: readonly string[] | undefined;
  /**
   * Called with what the client prints.
   * @default discarded
   */
  readonly print?: ((text: string) => void) | undefined;
  /**
   * Whether a verdict of severity `error` without enough evidence still passes.
   * @default false
   */
  readonly allowInconclusive?: boolean | undefined;
}

/** Options of `run`. */
export interface RunOptions extends CommonOptions {
  /**
   * Path of the journal to write, for `quotalab report` and `quotalab compare`. `.jsonl.gz` and `.jsonl.zst` are compressed.
   * @default not written
   */
  readonly journal?: string | undefined;
  /**
   * Whether a run in virtual time is repeated with the next seed if a verdict that depends on chance would fail; without it,
   * such a verdict only warns.
   * @default true
   */
  readonly confirm?: boolean | undefined;
}

/** Options of `runSeeds`. */
export interface RunSeedsOptions extends CommonOptions {
  /** Number of consecutive seeds, starting with the seed of the scenario. */
  readonly seeds: number;
  /**
   * Folder for the journals: `seed-1.jsonl` and so on, compressed to `seed-1.jsonl.gz` above 1 MB. It must exist.
   * @default not written
   */
  readonly journals?: string | undefined;
}

/** The result of a run. */
export interface RunResult {
  /** Whether the run was complete, every threshold holds and no verdict of severity `error` fails. */
  readonly passed: boolean;
  /** Every verdict, in the order of reports. */
  readonly verdicts: readonly Verdict<VerdictId>[];
  /** The thresholds of the scenario. */
  readonly thresholds: readonly ThresholdResult[];
  /** The values of every metric by name, as in `summary.json`: durations in milliseconds, shares from 0 to 1. */
  readonly metrics: MetricValues;
  /** The records of the journal. */
  readonly journal: readonly JournalRecord[];
  /** Everything computed from the run. */
  readonly analysis: Analysis;
  /** The calls of the run with their attempts. */
  readonly run: Run;
  readonly seed: number;
  /** Why the run ended early. */
  readonly partial?: NonNullable<FinishedRun['stopped']>;
  /** Why the run did not test its client, e.g. a client that crashed or sent no request. */
  readonly error?: Error;
}

/** The result of several seeds of one scenario. */
export interface SeedsResult {
  /** Whether every seed passed and the combined verdicts pass. */
  readonly passed: boolean;
  /** The verdicts over all seeds, each with the status of its worst seed; one decided by chance fails only if two seeds agree. */
  readonly verdicts: readonly Verdict<VerdictId>[];
  /** The results by seed. Ends with the first run that was interrupted or did not test its client. */
  readonly seeds: readonly RunResult[];
}

/**
 * Runs a scenario and judges it, like `quotalab run`. A failed verdict or threshold is a result, not an error. Throws
 * `QuotaLabError` for invalid input, for a client that cannot be started, and `client/interrupted` if `signal` aborts before
 * the first call.
 *
 * @example
 * const { passed, verdicts, metrics } = await run('scenario.yaml', { set: { 'load[0].vus': 5 } });
 * console.log(passed, metrics.call_duration['p(95)'], verdicts.filter(({ status }) => status === 'fail'));
 */
export async function run(source: ScenarioSource, options: RunOptions = {}): Promise<RunResult> {
  const scenario = await loadCheckedScenario(source, options);
  const finished = await runOnce(
    scenario,
    options,
    options.journal === undefined ? undefined : journalAt(options.journal),
  );
  if (options.confirm === false) return toRunResult(finished, options);
  const { analysis } = await repeatWithNextSeed(scenario, finished, { ...options, onProgress: undefined });
  return toRunResult({ ...finished, analysis }, options);
}

/**
 * Runs a scenario with several consecutive seeds and judges them together, like `quotalab run --seeds`. Throws what `run`
 * throws.
 *
 * @example
 * const { passed, seeds } = await runSeeds('scenario.yaml', { seeds: 3 });
 * console.log(passed, seeds.map(({ seed, metrics }) => [seed, metrics.goodput.value]));
 */
export async function runSeeds(source: ScenarioSource, options: RunSeedsOptions): Promise<SeedsResult> {
  const { seeds, journals, allowInconclusive = false } = options;
  const scenario = await loadCheckedScenario(source, options);
  const journal =
    journals === undefined ? undefined : (seed: number): JournalPlace => journalIn(journals, `seed-${seed}`);
  const { runs, passed, verdicts } = await runEachSeed(scenario, seeds, {
    ...options,
    allowInconclusive,
    ...(journal && { journal }),
  });
  return { passed, verdicts, seeds: runs.map((finished) => toRunResult(finished, options)) };
}

function toRunResult(finished: FinishedRun, { allowInconclusive = false }: CommonOptions): RunResult {
  const { seed, run, records, analysis, stopped, failure } = finished;
  return {
    passed: isComplete(finished) && hasPassed(analysis, { allowInconclusive }),
    verdicts: analysis.verdicts,
    thresholds: analysis.thresholds,
    metrics: aggregateByName(analysis.metrics),
    journal: records,
    analysis,
    run,
    seed,
    ...(stopped && { partial: stopped }),
    ...(failure && { error: failure }),
  };
}
