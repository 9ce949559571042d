import { QuotaLabError } from '../../../mock-server/error.ts';
import type {
  AttemptRecord,
  CallRecord,
  DroppedRecord,
  EndRecord,
  HeaderRecord,
  JournalRecord,
} from '../../journal/record.ts';
import type { SecondRecord } from '../../journal/second-record.ts';
import { loadNames } from '../../load/load-names.ts';
import { AttemptTable } from './attempt-table.ts';
import { CallTable } from './call-table.ts';
import { PlainAttempts, PlainCalls } from './plain-records.ts';

/** An attempt with its place in its call. */
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
  /** What was counted by the second: raw load, of which `calls` and `attempts` then have nothing. */
  readonly seconds: readonly SecondRecord[];
  readonly endUs: number;
  /** Set for a run that did not go its whole way; `cut-off` when the journal has no end. */
  readonly stopped?: EndRecord['stopped'] | 'cut-off';
  /** Of a program that ran by itself. */
  readonly exitCode?: number;
}

/**
 * Joins a journal's records into a run. What comes one by one, as from a file, is kept by column and not as it was: a
 * million attempts then fit into memory, but they show what they hold by getters only, and cannot be copied or compared as
 * objects. Throws `journal/no-header` if the records do not start with a header.
 */
export function readRun(records: Iterable<JournalRecord>): Run {
  let header: HeaderRecord | undefined;
  let end: EndRecord | undefined;
  let lastUs = 0;
  const inMemory = Array.isArray(records);
  const attempts = inMemory ? new PlainAttempts() : new AttemptTable();
  const calls = inMemory ? new PlainCalls() : new CallTable();
  let nameOf = (_vu: number): string => '';
  const dropped: DroppedRecord[] = [];
  const seconds: SecondRecord[] = [];
  for (const record of records) {
    if (!header) {
      header = headerIn(record);
      nameOf = loadNames(header.scenario.load);
    } else if (record.type === 'attempt') attempts.add(record);
    else if (record.type === 'call') calls.add(record, nameOf(record.vu));
    else if (record.type === 'dropped') dropped.push(record);
    else if (record.type === 'second') seconds.push(record);
    else if (record.type === 'end') end = record;
    if ('endUs' in record) lastUs = Math.max(lastUs, record.endUs);
  }
  if (!header) throw noHeader();
  const inOrder = attempts.inOrder();
  const stopped = end ? end.stopped : 'cut-off';
  return {
    header,
    calls: calls.inOrder(inOrder),
    attempts: inOrder,
    dropped,
    seconds: seconds.sort((a, b) => a.startUs - b.startUs),
    endUs: end?.endUs ?? lastUs,
    ...(stopped && { stopped }),
    ...(end?.exitCode !== undefined && { exitCode: end.exitCode }),
  };
}

function headerIn(record: JournalRecord): HeaderRecord {
  if (record.type !== 'header') throw noHeader();
  return record;
}

function noHeader(): QuotaLabError {
  return new QuotaLabError('journal/no-header', 'the journal does not start with a header');
}
