import type { JournalWriter } from '../journal/journal-writer.ts';
import type { EndRecord, JournalRecord } from '../journal/record.ts';

/** The progress of a run: elapsed microseconds of its own time, and the records so far. */
export interface Progress {
  readonly elapsedUs: number;
  readonly records: readonly JournalRecord[];
}

/** The settings and callbacks that the caller passes to a run. */
export interface RunContext {
  /** `quotalab 1.2.3`, for the journal's header. */
  readonly tool: string;
  /** Called once the client is ready, so that a client that does not start leaves no files behind. Default: no journal. */
  readonly openJournal?: () => Omit<JournalWriter, 'failed'>;
  readonly allowHosts: readonly string[];
  /** Aborts when the user interrupts, or with the reason `JOURNAL_FAILED`. */
  readonly interrupted: AbortSignal;
  /** Called with the output of the client. */
  readonly print: (text: string) => void;
  /** Called with each record, in the order of the journal. */
  readonly onRecord?: (record: JournalRecord) => void;
  /** Whether records stay in memory, for `onTick` and the outcome; default: true. */
  readonly keepsRecords?: boolean;
  /** Called about once per second of machine time. */
  readonly onTick?: (progress: Progress) => void;
  /** Called once per second of the run's time; true ends the run (`abortOnFail`). */
  readonly shouldStop?: (elapsedUs: number, records: readonly JournalRecord[]) => boolean;
}

/** The end of a run. */
export interface RunOutcome {
  /** Empty if the run keeps none. */
  readonly records: readonly JournalRecord[];
  readonly stopped?: EndRecord['stopped'];
  /** Why the client or the gateway failed, if it exited before the run ended. */
  readonly clientError?: Error | undefined;
  /** Why the journal is not complete. */
  readonly writeError?: Error | undefined;
}

/** Reason of an abort: the journal cannot be written. */
export const JOURNAL_FAILED = 'journal-failed';

/** Returns what the end of a run records about its interruption. */
export function whyInterrupted({ reason }: AbortSignal): NonNullable<EndRecord['stopped']> {
  return reason === JOURNAL_FAILED ? JOURNAL_FAILED : 'interrupted';
}
