import type { Scenario } from '../scenario/scenario.ts';
import type { AttemptRecord, CallRecord } from './call-records.ts';
import type { SecondRecord } from './second-record.ts';

/**
 * Version of the journal format; readers reject newer ones. Since 2, raw load is counted per second; 3 is that of runs with
 * replicas.
 */
export const JOURNAL_VERSION = 3;

/** A fact that a recording, or a program run without a runner, lacks; verdicts that need it are not decided. */
export type MissingFact =
  /** The provider's limits and their levels, and injected faults. */
  | 'limits'
  /** The results that the caller of the client received. */
  | 'caller'
  /** When replies arrived and ended. */
  | 'durations'
  /** Times finer than a tenth of a second. */
  | 'fine-clock'
  /** Whether two requests are the same. */
  | 'bodies'
  /** Request headers. */
  | 'request-headers'
  /** Token counts of replies. */
  | 'tokens'
  /** The attempts of calls that were recorded as one attempt. */
  | 'inner-attempts';

/** Entries of a recording that were skipped: why, how many, and where the first is. */
export interface Skipped {
  readonly why: string;
  readonly count: number;
  readonly first: string;
}

/** The source of a journal that was built from recorded traffic. */
export interface RecordedSource {
  readonly format: string;
  /** The file's name, without its folder. */
  readonly file: string;
  /** Requests in the recording, including skipped ones. */
  readonly entries: number;
  readonly leftOut: readonly Skipped[];
  readonly hosts: readonly string[];
  readonly missing: readonly MissingFact[];
  /** Resolution of its times, in microseconds. */
  readonly resolutionUs: number;
  /** Further notes, as sentences. */
  readonly notes: readonly string[];
}

/** The source of a journal whose calls were made by a program, not by the runner. */
export interface ProgramSource {
  readonly missing: readonly MissingFact[];
  /** The environment variables that directed it to the provider. */
  readonly variables: readonly string[];
}

/** The first line: what was run. Two identical runs may differ only in `generated`. */
export interface HeaderRecord {
  readonly type: 'header';
  readonly version: number;
  readonly tool: string;
  readonly seed: number;
  readonly time: Scenario['time'];
  /** Keys are hashed, paths as in the scenario. */
  readonly scenario: Scenario;
  /** `startedUs`: start of the run in microseconds since the Unix epoch. `node`: version, set if results depend on the machine. */
  readonly generated: { readonly at: string; readonly startedUs: number; readonly node?: string };
  /** Set if the journal was built from recorded traffic. */
  readonly recorded?: RecordedSource;
  /** Set if a program made the calls, not the runner: calls are then inferred from attempts. */
  readonly program?: ProgramSource;
}

/** An arrival of an open load model that was dropped because no VU was free. */
export interface DroppedRecord {
  readonly type: 'dropped';
  readonly scheduledUs: number;
}

/** A replica of a client that began to take calls during the run, or ended. */
export interface ReplicaRecord {
  readonly type: 'replica';
  /** `chat/3`, or `3` for a client without a name. */
  readonly replica: string;
  /** Microseconds since the start of the run. */
  readonly atUs: number;
  readonly change: 'start' | 'stop';
  /** A restart of the scenario, or a stage of the number of replicas. */
  readonly reason: 'restart' | 'stage';
  /** Calls that were cut by its end. */
  readonly cut?: number;
}

/** The last line; without it the journal was cut off. */
export interface EndRecord {
  readonly type: 'end';
  readonly endUs: number;
  /** Set if the run stopped early. */
  readonly stopped?: 'interrupted' | 'threshold' | 'client-exited' | 'gateway-exited' | 'journal-failed';
  /** Exit code of the program, as shells report it, if a program made the calls. */
  readonly exitCode?: number;
  /** On a machine's clock: how late 99 % of the runner's timers were at the most, in the time of the run. */
  readonly timersLateUs?: number;
}

export type JournalRecord =
  | HeaderRecord
  | CallRecord
  | AttemptRecord
  | DroppedRecord
  | ReplicaRecord
  | SecondRecord
  | EndRecord;
