import type { AttemptRecord, CallRecord } from '../../journal/call-records.ts';
import type { DroppedRecord, EndRecord, HeaderRecord, ReplicaRecord } from '../../journal/record.ts';
import type { SecondRecord } from '../../journal/second-record.ts';

/** An attempt with its number within its call. */
export interface Attempt extends Omit<AttemptRecord, 'callTag'> {
  /** 1-based; 1 for an unattributed attempt. */
  readonly number: number;
}

/** A call with its attempts in order of start. */
export interface Call extends CallRecord {
  /** Name of its load; empty if the load has no name. */
  readonly load: string;
  readonly attempts: readonly Attempt[];
}

/** A journal with calls and attempts joined; the input of the analysis. */
export interface Run {
  readonly header: HeaderRecord;
  /** In order of start. */
  readonly calls: readonly Call[];
  /** All attempts including unattributed ones, in order of start. */
  readonly attempts: readonly Attempt[];
  readonly dropped: readonly DroppedRecord[];
  /** Replicas that began or ended during the run, in order of time. */
  readonly replicas: readonly ReplicaRecord[];
  /** Counts per second of raw load; `calls` and `attempts` are then empty. */
  readonly seconds: readonly SecondRecord[];
  readonly endUs: number;
  /** Set for an incomplete run; `cut-off` if the journal has no end record. */
  readonly stopped?: EndRecord['stopped'] | 'cut-off';
  /** Exit code of a program under test (`exec`). */
  readonly exitCode?: number;
  /** How late 99 % of the runner's timers were at the most, in the time of the run; absent where no machine's clock was used. */
  readonly timersLateUs?: number;
}
