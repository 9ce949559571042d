import type { JournalWriter } from '../journal/journal-writer.ts';
import type { EndRecord, JournalRecord } from '../journal/record.ts';

export interface Progress {
  readonly elapsedUs: number;
  readonly records: readonly JournalRecord[];
}

export interface RunOptions {
  /** `quotalab 1.2.3`, for the journal's header. */
  readonly tool: string;
  /** Made once the client is ready, so that a client that does not start leaves nothing behind. */
  readonly openJournal: () => JournalWriter;
  readonly allowHosts: readonly string[];
  /** Aborts when the user interrupts. */
  readonly interrupted: AbortSignal;
  /** What the client prints. */
  readonly print: (text: string) => void;
  /** Told about once a second of the user's time. */
  readonly onTick?: (progress: Progress) => void;
  /** Asked once a second of the run's time; true ends the run (`abortOnFail`). */
  readonly shouldStop?: (elapsedUs: number, records: readonly JournalRecord[]) => boolean;
}

export interface RunOutcome {
  readonly records: readonly JournalRecord[];
  readonly stopped?: EndRecord['stopped'];
  /** Why the client, or the gateway before it, is gone, when it went on its own. */
  readonly clientError?: Error;
}
