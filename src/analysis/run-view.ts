import { QuotaLabError } from '../../mock-server/error.ts';
import type {
  AttemptRecord,
  CallRecord,
  DroppedRecord,
  EndRecord,
  HeaderRecord,
  JournalRecord,
} from '../journal/record.ts';
import { loadNames } from '../load/load-names.ts';

/** An attempt with its place in its call. */
export interface Attempt extends AttemptRecord {
  /** 1-based; 1 for an attempt that belongs to no call. */
  readonly number: number;
}

/** A call with its attempts in order of start. */
export interface Call extends CallRecord {
  /** The name of its load, empty where the scenario gives none. */
  readonly load: string;
  readonly attempts: readonly Attempt[];
}

/** A journal as the analysis reads it: records joined, nothing computed. */
export interface Run {
  readonly header: HeaderRecord;
  /** By start. */
  readonly calls: readonly Call[];
  /** All attempts, those of no call included, by start. */
  readonly attempts: readonly Attempt[];
  readonly dropped: readonly DroppedRecord[];
  readonly endUs: number;
  /** Set for a run that did not go its whole way; `cut-off` when the journal has no end. */
  readonly stopped?: EndRecord['stopped'] | 'cut-off';
}

/** Joins a journal's records into a run. Throws `journal/no-header` if they do not start with a header. */
export function readRun(records: Iterable<JournalRecord>): Run {
  const [header, ...rest] = records;
  if (header?.type !== 'header')
    throw new QuotaLabError('journal/no-header', 'the journal does not start with a header');
  const attempts = numbered(rest.filter((record) => record.type === 'attempt'));
  const nameOf = loadNames(header.scenario.load);
  const byCall = Map.groupBy(attempts, ({ call }) => call);
  const calls = rest
    .filter((record) => record.type === 'call')
    .sort((a, b) => a.startUs - b.startUs || a.id - b.id)
    .map((call): Call => ({ ...call, load: nameOf(call.vu), attempts: byCall.get(call.id) ?? [] }));
  const end = rest.find((record) => record.type === 'end');
  const stopped = end ? end.stopped : 'cut-off';
  return {
    header,
    calls,
    attempts,
    dropped: rest.filter((record) => record.type === 'dropped'),
    endUs: end?.endUs ?? lastUs(rest),
    ...(stopped && { stopped }),
  };
}

/** By start, each with its number within its call. */
function numbered(records: readonly AttemptRecord[]): Attempt[] {
  const seen = new Map<number, number>();
  return records
    .toSorted((a, b) => a.startUs - b.startUs || a.id - b.id)
    .map((record) => {
      if (record.call === null) return { ...record, number: 1 };
      const number = (seen.get(record.call) ?? 0) + 1;
      seen.set(record.call, number);
      return { ...record, number };
    });
}

function lastUs(records: readonly JournalRecord[]): number {
  return records.reduce((last, record) => ('endUs' in record ? Math.max(last, record.endUs) : last), 0);
}
