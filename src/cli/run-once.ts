import { QuotaLabError } from '../../mock-server/error.ts';
import { createAbortCheck } from '../analysis/metrics/abort-on-fail.ts';
import { createJournalWriter, type JournalWriter } from '../journal/journal-writer.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import type { RunOutcome } from '../run/run-context.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';
import { printError } from './print-error.ts';
import { createProgress } from './progress.ts';

export interface RunOnceOptions {
  /** Path of the journal; undefined for no journal. */
  readonly journal: string | undefined;
  readonly quiet: boolean;
  readonly allowHost: readonly string[];
}

/** Signals from a user, a CI system or a closed terminal that interrupt a run. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const NO_JOURNAL: JournalWriter = {
  write: () => undefined,
  writeLines: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

/**
 * Runs a scenario with progress on stderr; the user can interrupt it. Returns undefined, and prints the error, if it was
 * interrupted before the first call.
 */
export async function runOnce(scenario: Scenario, options: RunOnceOptions): Promise<RunOutcome | undefined> {
  const { journal, quiet, allowHost } = options;
  const interrupted = new AbortController();
  const progress = createProgress(quiet, scenario.time);
  const interrupt = (): void => {
    // A second signal skips the reports.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  for (const signal of INTERRUPTS) process.on(signal, interrupt);
  try {
    return await runScenario(scenario, {
      tool: `quotalab ${version()}`,
      openJournal: () => (journal === undefined ? NO_JOURNAL : createJournalWriter(journal)),
      allowHosts: allowHost,
      interrupted: interrupted.signal,
      print: (text) => process.stderr.write(text),
      onTick: progress.tick,
      ...createAbortCheck(scenario),
      note: (what) => process.stderr.write(`quotalab: the client waits for ${what} while virtual time stands still\n`),
    });
  } catch (error) {
    if (!(error instanceof QuotaLabError && error.code === 'client/interrupted')) throw error;
    printError(error);
    return undefined;
  } finally {
    progress.end();
    for (const signal of INTERRUPTS) process.off(signal, interrupt);
  }
}

/** Returns the exit code of a run: a failed client or an interruption takes precedence over `verdict`. Prints the failure. */
export function resolveExitCode(outcome: RunOutcome, verdict: number): number {
  const failure = outcomeFailure(outcome);
  if (failure) {
    printError(failure);
    return EXIT.badInput;
  }
  return outcome.stopped === 'interrupted' ? EXIT.interrupted : verdict;
}
