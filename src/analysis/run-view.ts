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
import { AttemptTable } from './attempt-table.ts';
import { CallTable } from './call-table.ts';

/** An attempt with its place in its call. `callTag` is left out: `call` says what it did. */
export interface Attempt extends Omit<AttemptRecord, 'callTag'> {
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

/**
 * Joins a journal's records into a run; they are looked at one after the other and not kept. Throws `journal/no-header`
 * if they do not start with a header.
 */
export function readRun(records: Iterable<JournalRecord>): Run {
  let header: HeaderRecord | undefined;
  let end: EndRecord | undefined;
  let lastUs = 0;
  const attemptTable = new AttemptTable();
  const calls = new CallTable();
  let nameOf = (_vu: number): string => '';
  const dropped: DroppedRecord[] = [];
  for (const record of records) {
    if (!header) {
      header = headerIn(record);
      nameOf = loadNames(header.scenario.load);
    } else if (record.type === 'attempt') attemptTable.add(record);
    else if (record.type === 'call') calls.add(record, nameOf(record.vu));
    else if (record.type === 'dropped') dropped.push(record);
    else if (record.type === 'end') end = record;
    if ('endUs' in record) lastUs = Math.max(lastUs, record.endUs);
  }
  if (!header) throw noHeader();
  const attempts = attemptTable.inOrder();
  const stopped = end ? end.stopped : 'cut-off';
  return {
    header,
    calls: calls.inOrder(attempts),
    attempts,
    dropped,
    endUs: end?.endUs ?? lastUs,
    ...(stopped && { stopped }),
  };
}

function headerIn(record: JournalRecord): HeaderRecord {
  if (record.type !== 'header') throw noHeader();
  return record;
}

function noHeader(): QuotaLabError {
  return new QuotaLabError('journal/no-header', 'the journal does not start with a header');
}
