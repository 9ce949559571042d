import type { AttemptRecord, CallRecord, DroppedRecord, EndRecord, HeaderRecord } from '../journal/record.ts';

/** An attempt with its place in its call. */
export interface Attempt extends AttemptRecord {
  /** 1-based; 1 for an attempt that belongs to no call. */
  readonly number: number;
}

/** A call with its attempts in order of start. */
export interface Call extends CallRecord {
  readonly attempts: readonly Attempt[];
}

/** A journal as the analysis reads it: records joined, nothing computed. */
export interface Run {
  readonly header: HeaderRecord;
  readonly calls: readonly Call[];
  /** All attempts, those of no call included, by start. */
  readonly attempts: readonly Attempt[];
  readonly dropped: readonly DroppedRecord[];
  readonly endUs: number;
  readonly stopped?: EndRecord['stopped'] | 'cut-off';
}
