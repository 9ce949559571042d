import { QuotaLabError } from '../../../mock-server/error.ts';
import type { AttemptRecord, CallRecord } from '../../journal/call-records.ts';
import type { DroppedRecord, EndRecord, HeaderRecord, JournalRecord } from '../../journal/record.ts';
import type { SecondRecord } from '../../journal/second-record.ts';
import { loadNameByVu } from '../../load/executors.ts';
import { AttemptTable } from './attempt-table.ts';
import { CallTable } from './call-table.ts';
import { PlainAttempts, PlainCalls } from './plain-records.ts';

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
  /** Counts per second of raw load; `calls` and `attempts` are then empty. */
  readonly seconds: readonly SecondRecord[];
  readonly endUs: number;
  /** Set for an incomplete run; `cut-off` if the journal has no end record. */
  readonly stopped?: EndRecord['stopped'] | 'cut-off';
  /** Exit code of a program under test (`exec`). */
  readonly exitCode?: number;
}

/**
 * Joins a journal's records into a run. Records of an array stay plain objects. Records of any other iterable, such as a
 * file, are stored by column so that a million attempts fit into memory; their fields are getters, so they cannot be spread
 * or compared as plain objects. Throws `journal/no-header` if the records do not start with a header.
 */
export function readRun(records: Iterable<JournalRecord>): Run {
  let header: HeaderRecord | undefined;
  let end: EndRecord | undefined;
  let lastUs = 0;
  const inMemory = Array.isArray(records);
  const attempts = inMemory ? new PlainAttempts() : new AttemptTable();
  const calls = inMemory ? new PlainCalls() : new CallTable();
  let loadNameOf = (_vu: number): string => '';
  const dropped: DroppedRecord[] = [];
  const seconds: SecondRecord[] = [];
  for (const record of records) {
    if (!header) {
      header = requireHeader(record);
      loadNameOf = loadNameByVu(header.scenario.load);
    } else if (record.type === 'attempt') attempts.add(record);
    else if (record.type === 'call') calls.add(record, loadNameOf(record.vu));
    else if (record.type === 'dropped') dropped.push(record);
    else if (record.type === 'second') seconds.push(record);
    else if (record.type === 'end') end = record;
    if ('endUs' in record) lastUs = Math.max(lastUs, record.endUs);
  }
  if (!header) throw missingHeader();
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

function requireHeader(record: JournalRecord): HeaderRecord {
  if (record.type !== 'header') throw missingHeader();
  return record;
}

function missingHeader(): QuotaLabError {
  return new QuotaLabError('journal/no-header', 'the journal does not start with a header');
}
