import { QuotaLabError } from '../../mock-server/error.ts';
import { abortsOn } from '../analysis/metrics/abort-on-fail.ts';
import { createJournalWriter, type JournalWriter } from '../journal/journal-writer.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import type { RunOutcome } from '../run/run-options.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT } from './exit-code.ts';
import { version } from './package-root.ts';
import { createProgress } from './progress.ts';
import { tellError } from './tell-error.ts';

export interface RunOnceOptions {
  /** Where the journal goes; undefined for nowhere. */
  readonly journal: string | undefined;
  readonly quiet: boolean;
  readonly allowHost: readonly string[];
}

/** What a user, a CI system or a terminal that goes away ends a run with. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export const NO_JOURNAL: JournalWriter = {
  write: () => undefined,
  writeLines: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

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
  for (const signal of INTERRUPTS) process.on(signal, interrupt);
  try {
    return await runScenario(scenario, {
      tool: `quotalab ${version()}`,
      openJournal: () => (journal === undefined ? NO_JOURNAL : createJournalWriter(journal)),
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
    for (const signal of INTERRUPTS) process.off(signal, interrupt);
  }
}

/** An interrupted run or a client that failed as a program outranks what the verdicts say. */
export function exitCodeOf(outcome: RunOutcome, verdict: number): number {
  const failure = outcomeFailure(outcome);
  if (failure) {
    tellError(failure);
    return EXIT.badInput;
  }
  return outcome.stopped === 'interrupted' ? EXIT.interrupted : verdict;
}
