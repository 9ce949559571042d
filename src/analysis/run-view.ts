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
  const table = new AttemptTable();
  const calls: CallRecord[] = [];
  const dropped: DroppedRecord[] = [];
  for (const record of records) {
    if (!header) header = headerIn(record);
    else if (record.type === 'attempt') table.add(record);
    else if (record.type === 'call') calls.push(record);
    else if (record.type === 'dropped') dropped.push(record);
    else if (record.type === 'end') end = record;
    if ('endUs' in record) lastUs = Math.max(lastUs, record.endUs);
  }
  if (!header) throw noHeader();
  const attempts = table.inOrder();
  const stopped = end ? end.stopped : 'cut-off';
  return {
    header,
    calls: joined(calls, attempts, header),
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

/** Calls by start, each with its load and its attempts, which are given in order. */
function joined(records: CallRecord[], attempts: readonly Attempt[], { scenario }: HeaderRecord): Call[] {
  const nameOf = loadNames(scenario.load);
  const attemptsOf = byCall(attempts);
  return records
    .sort((a, b) => a.startUs - b.startUs || a.id - b.id)
    .map((call) => ({ ...call, load: nameOf(call.vu), attempts: attemptsOf.get(call.id) ?? [] }));
}

/** In lists that are no longer than they need be: of many calls with few attempts, room to grow would be most. */
function byCall(attempts: readonly Attempt[]): Map<number, Attempt[]> {
  const lists = new Map<number, Attempt[]>();
  for (const attempt of attempts) {
    const { call, number } = attempt;
    if (call === null) continue;
    if (number === 1) lists.set(call, [attempt]);
    else lists.set(call, [...lists.get(call)!, attempt]);
  }
  return lists;
}
