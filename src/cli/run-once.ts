import { QuotaLabError } from '../../mock-server/error.ts';
import { readRun } from '../analysis/run-view.ts';
import { evaluateThresholds } from '../analysis/thresholds.ts';
import { createJournalWriter } from '../journal/journal-writer.ts';
import type { RunOptions, RunOutcome } from '../run/run-options.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';
import { createProgress } from './progress.ts';
import { tellError } from './tell-error.ts';

export interface RunOnceOptions {
  /** Where the journal goes. */
  readonly journal: string;
  readonly quiet: boolean;
  readonly allowHost: readonly string[];
}

/**
 * Runs a scenario with progress on stderr and lets the user interrupt it. Undefined when it was interrupted before the
 * first call, which is told.
 */
export async function runOnce(scenario: Scenario, options: RunOnceOptions): Promise<RunOutcome | undefined> {
  const { journal, quiet, allowHost } = options;
  const interrupted = new AbortController();
  const progress = createProgress(quiet, scenario.time);
  const interrupt = (): void => {
    // Whoever asks twice does not want to wait for reports.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return await runScenario(scenario, {
      tool: `quotalab ${version()}`,
      openJournal: () => createJournalWriter(journal),
      allowHosts: allowHost,
      interrupted: interrupted.signal,
      print: (text) => process.stderr.write(text),
      onTick: progress.tick,
      ...abortsOn(scenario),
      note: (what) => process.stderr.write(`quotalab: the client waits for ${what} while virtual time stands still\n`),
    });
  } catch (error) {
    if (!(error instanceof QuotaLabError && error.code === 'client/interrupted')) throw error;
    tellError(error);
    return undefined;
  } finally {
    progress.end();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}

/** Whether a threshold with `abortOnFail` has failed by now, where there is one. One without samples yet has not. */
function abortsOn({ thresholds }: Scenario): Pick<RunOptions, 'shouldStop'> {
  const aborting = thresholds.filter(({ abortOnFail }) => abortOnFail);
  if (aborting.length === 0) return {};
  return {
    shouldStop(elapsedUs, records) {
      const due = aborting.filter(({ delayAbortEvalUs }) => elapsedUs >= delayAbortEvalUs);
      return due.length > 0 && evaluateThresholds(readRun(records), due).some(({ ok, samples }) => !ok && samples > 0);
    },
  };
}

/** Calls that are open because they still send are no promise that never resolves: verdicts have more to say of them. */
function isStillTrying(records: RunOutcome['records']): boolean {
  const numbers = Map.groupBy(
    records.filter((record) => record.type === 'attempt'),
    ({ call }) => call,
  );
  return [...numbers.values()].some((attempts) => attempts.length > 1);
}

/** An interrupted run or a client that failed as a program outranks what the verdicts say. */
export function exitCodeOf({ stopped, clientError, records }: RunOutcome, verdict: number): number {
  if (clientError) {
    tellError(clientError);
    return EXIT.badInput;
  }
  if (stopped === 'interrupted') return EXIT.interrupted;
  const calls = records.filter((record) => record.type === 'call');
  if (calls.length > 0 && calls.every(({ result }) => result === 'open') && !isStillTrying(records)) {
    const message = `none of ${calls.length} calls ended: the client's promise never resolves`;
    tellError(new QuotaLabError('client/never-resolves', message));
    return EXIT.badInput;
  }
  return verdict;
}
