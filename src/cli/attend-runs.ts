import { QuotaLabError } from '../../mock-server/error.ts';
import type { RunSettings } from '../experiment/run-once.ts';
import { onSignals } from '../programs/signals.ts';
import { EXIT } from './exit-code.ts';
import { createLineFold } from './fold-lines.ts';
import { openLivePage, showRecord } from './live-page.ts';
import { printError } from './print-error.ts';
import { createProgressLine } from './progress.ts';
import { createRunProgress } from './run-progress.ts';

/** Signals from a user, a CI system or a closed terminal that interrupt a run. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The flags of commands that run a scenario. */
export interface AttendFlags {
  readonly quiet: boolean;
  /** Whether repeated lines of the client are all shown. */
  readonly full: boolean;
  readonly allowHost: readonly string[];
  readonly ui?: boolean;
}

/**
 * Runs experiments with progress and the output of the client on stderr; the user can interrupt them. Returns undefined,
 * and prints the error, if a run was interrupted before its first call.
 */
export async function attendRuns<Result>(
  { quiet, full, allowHost, ui = false }: AttendFlags,
  experiment: (settings: RunSettings) => Promise<Result>,
): Promise<Result | undefined> {
  const interrupted = new AbortController();
  const interrupt = (): void => {
    // A second signal skips the reports.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  const line = createProgressLine(quiet);
  const fold = createLineFold();
  const print = (text: string): void => {
    if (text === '') return;
    line.clear();
    process.stderr.write(text);
  };
  let progress: ReturnType<typeof createRunProgress> | undefined;
  const live = ui ? await openLivePage() : undefined;
  const stopListening = onSignals(INTERRUPTS, interrupt);
  try {
    return await experiment({
      signal: interrupted.signal,
      allowHosts: allowHost,
      print: (text) => print(full ? text : fold.take(text)),
      onStart({ time }) {
        progress = createRunProgress(line, time);
      },
      keepsRecords: false,
      onRecord(record) {
        progress?.add(record);
        showRecord(live, record);
      },
      onProgress: (now) => progress?.tick(now),
      onRealIo: (what) => print(`quotalab: the client waits for ${what} while virtual time stands still\n`),
    });
  } catch (error) {
    line.clear();
    if (!(error instanceof QuotaLabError && error.code === 'client/interrupted')) throw error;
    printError(error);
    return undefined;
  } finally {
    line.clear();
    print(fold.rest());
    stopListening();
    await live?.close();
  }
}
