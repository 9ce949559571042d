import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { createAbortCheck } from '../analysis/metrics/abort-on-fail.ts';
import { createRunReader } from '../analysis/run/read-run.ts';
import type { Run } from '../analysis/run/run-view.ts';
import { compressJournal, type JournalPlace, removeEarlier } from '../journal/journal-place.ts';
import { createJournalWriter, type JournalWriter } from '../journal/journal-writer.ts';
import type { JournalRecord } from '../journal/record.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import { JOURNAL_FAILED, type Progress, type RunContext, type RunOutcome } from '../run/run-context.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { VirtualOptions } from '../run/virtual.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { toolName } from './package-root.ts';

/** Settings and callbacks of the runs of an experiment. */
export interface RunSettings {
  /** Interrupts the run when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Hosts other than this machine that the client may reach. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Called with the output of the client. */
  readonly print?: ((text: string) => void) | undefined;
  /** Called before a run starts. */
  readonly onStart?: ((scenario: Scenario) => void) | undefined;
  /** Called with each record of the journal. */
  readonly onRecord?: ((record: JournalRecord) => void) | undefined;
  /** Whether `FinishedRun.records` has the records. Without them, a long run takes much less memory. Default: true. */
  readonly keepsRecords?: boolean;
  /** Called about once per second of machine time. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with operations of the client that take no virtual time: files, hashes. */
  readonly onRealIo?: ((operation: string) => void) | undefined;
  /** Whether a thread for the next run in virtual time is started during this one. */
  readonly keepSpareThread?: boolean;
  /** Name in the header of the journal; default: `quotalab` and its version. */
  readonly tool?: string;
}

/** A finished run and its analysis. */
export interface FinishedRun {
  readonly seed: number;
  readonly run: Run;
  /** Empty without `keepsRecords`. */
  readonly records: readonly JournalRecord[];
  /** Path of the journal, if one was written. */
  readonly journal?: string;
  readonly analysis: Analysis;
  /** Why the run ended early. */
  readonly stopped?: RunOutcome['stopped'];
  /** Why the run did not test its client. */
  readonly failure: Error | undefined;
}

/**
 * Runs a scenario once and analyses it. `place`: where to write the journal. Throws `client/interrupted` if the signal
 * aborts before the first call, and what `runScenario` throws before anything is written.
 */
export async function runOnce(
  scenario: Scenario,
  settings: RunSettings = {},
  place?: JournalPlace,
): Promise<FinishedRun> {
  const { keepsRecords = true, onRecord } = settings;
  const reader = createRunReader({ columnar: keepsRecords ? false : 'if-large' });
  const readEach = (record: JournalRecord): void => {
    reader.add(record);
    onRecord?.(record);
  };
  const outcome = await record(scenario, settings, place, { keepsRecords, onRecord: readEach });
  const { records, stopped } = outcome;
  const run = reader.finish();
  const journal = place && !outcome.writeError ? await compressJournal(place) : place?.file;
  const failure = outcomeFailure(outcome, run);
  return {
    seed: scenario.seed,
    run,
    records,
    ...(journal !== undefined && { journal }),
    analysis: analyse(run),
    stopped,
    failure,
  };
}

/** Runs a scenario once, as `runOnce` does, without analysing it, and keeps its records; its journal is not compressed. */
export function recordRun(scenario: Scenario, settings: RunSettings, place?: JournalPlace): Promise<RunOutcome> {
  const { onRecord } = settings;
  return record(scenario, settings, place, onRecord ? { onRecord } : {});
}

/** A journal that cannot be written stops the run. */
async function record(
  scenario: Scenario,
  settings: RunSettings,
  place: JournalPlace | undefined,
  use: Pick<RunContext, 'onRecord' | 'keepsRecords'>,
): Promise<RunOutcome> {
  settings.onStart?.(scenario);
  const options = { ...virtualOptions(settings), ...use, ...createAbortCheck(scenario) };
  if (place === undefined) return runScenario(scenario, options);
  const stop = new AbortController();
  let writer: JournalWriter | undefined;
  const outcome = await runScenario(scenario, {
    ...options,
    interrupted: AbortSignal.any([options.interrupted, stop.signal]),
    openJournal() {
      removeEarlier(place);
      writer = createJournalWriter(place.file);
      void writer.failed.then(() => stop.abort(JOURNAL_FAILED));
      return writer;
    },
  });
  const writeError = writer?.close();
  return { ...outcome, ...(writeError && { writeError }) };
}

/** Returns the settings as options of `runVirtual`, with defaults for the missing ones. */
export function virtualOptions(settings: RunSettings): VirtualOptions {
  const { signal, allowHosts = [], print = () => undefined, onProgress, onRealIo } = settings;
  return {
    tool: settings.tool ?? toolName(),
    allowHosts,
    interrupted: signal ?? new AbortController().signal,
    print,
    keepSpareThread: settings.keepSpareThread ?? false,
    ...(onProgress && { onTick: onProgress }),
    ...(onRealIo && { note: onRealIo }),
  };
}
