import { QuotaLabError } from '../../mock-server/error.ts';
import type { RunSettings } from '../experiment/run-once.ts';
import { onSignals } from '../programs/signals.ts';
import { EXIT } from './exit-code.ts';
import { openLivePage, showRecord } from './live-page.ts';
import { printError } from './print-error.ts';
import { createProgress } from './progress.ts';

/** Signals from a user, a CI system or a closed terminal that interrupt a run. */
const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The flags of commands that run a scenario. */
export interface AttendFlags {
  readonly quiet: boolean;
  readonly allowHost: readonly string[];
  readonly ui?: boolean;
}

/**
 * Runs experiments with progress and the output of the client on stderr; the user can interrupt them. Returns undefined,
 * and prints the error, if a run was interrupted before its first call.
 */
export async function attendRuns<Result>(
  { quiet, allowHost, ui = false }: AttendFlags,
  experiment: (settings: RunSettings) => Promise<Result>,
): Promise<Result | undefined> {
  const interrupted = new AbortController();
  const interrupt = (): void => {
    // A second signal skips the reports.
    if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
    interrupted.abort();
  };
  let progress: ReturnType<typeof createProgress> | undefined;
  const live = ui ? await openLivePage() : undefined;
  const stopListening = onSignals(INTERRUPTS, interrupt);
  try {
    return await experiment({
      signal: interrupted.signal,
      allowHosts: allowHost,
      print: (text) => process.stderr.write(text),
      onStart({ time }) {
        progress?.end();
        progress = createProgress(quiet, time);
      },
      keepsRecords: false,
      onRecord(record) {
        progress?.add(record);
        showRecord(live, record);
      },
      onProgress: (now) => progress?.tick(now),
      onRealIo: (what) =>
        process.stderr.write(`quotalab: the client waits for ${what} while virtual time stands still\n`),
    });
  } catch (error) {
    if (!(error instanceof QuotaLabError && error.code === 'client/interrupted')) throw error;
    printError(error);
    return undefined;
  } finally {
    progress?.end();
    stopListening();
    await live?.close();
  }
}
