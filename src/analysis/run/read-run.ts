import { QuotaLabError } from '../../../mock-server/error.ts';
import { withProgramCalls } from '../../attribution/program-calls.ts';
import type { AttemptRecord, CallRecord } from '../../journal/call-records.ts';
import type { DroppedRecord, EndRecord, HeaderRecord, JournalRecord, ReplicaRecord } from '../../journal/record.ts';
import type { SecondRecord } from '../../journal/second-record.ts';
import { loadNameByVu } from '../../load/executors.ts';
import { AttemptTable } from './attempt-table.ts';
import { CallTable } from './call-table.ts';
import { PlainAttempts, PlainCalls } from './plain-records.ts';
import type { Run } from './run-view.ts';

export interface ReadOptions {
  /**
   * Stores calls and attempts by column, so that a million attempts fit into memory. Their fields are then getters: they
   * cannot be spread or compared as plain objects. `if-large`: only from 20,000 records on.
   *
   * @default false
   */
  readonly columnar?: boolean | 'if-large';
}

/**
 * Joins a journal's records into a run. Throws `journal/no-header` if the records do not start with a header.
 *
 * @example
 * const { calls } = readRun(await readJournal('journal.jsonl'));
 */
export function readRun(records: Iterable<JournalRecord>, options: ReadOptions = {}): Run {
  const reader = createRunReader(options);
  for (const record of withProgramCalls(records)) reader.add(record);
  return reader.finish();
}

/** Joins records as they come: those of a runner, which has recorded its calls. */
export interface RunReader {
  /** Throws `journal/no-header` if the first record is not a header. */
  add(record: JournalRecord): void;
  /** Returns the run, once. Throws `journal/no-header` without records. */
  finish(): Run;
}

/** Above this many attempts and calls, columns take less memory than objects, and are worth their slower access. */
const LARGE = 20_000;

/** Creates a reader that needs no record after it has been added, except as plain objects. */
export function createRunReader({ columnar = false }: ReadOptions = {}): RunReader {
  let header: HeaderRecord | undefined;
  let end: EndRecord | undefined;
  let lastUs = 0;
  let attempts: AttemptTable | PlainAttempts = columnar === true ? new AttemptTable() : new PlainAttempts();
  let calls: CallTable | PlainCalls = columnar === true ? new CallTable() : new PlainCalls();
  let added = 0;
  let loadNameOf = (_vu: number): string => '';
  const dropped: DroppedRecord[] = [];
  const replicas: ReplicaRecord[] = [];
  const seconds: SecondRecord[] = [];

  function useColumns(): void {
    const [plainAttempts, plainCalls] = [attempts as PlainAttempts, calls as PlainCalls];
    [attempts, calls] = [new AttemptTable(), new CallTable()];
    for (const record of plainAttempts.records) attempts.add(record);
    for (const { record, load } of plainCalls.records) calls.add(record, load);
  }

  function addCounted(record: AttemptRecord | CallRecord): void {
    if (record.type === 'attempt') attempts.add(record);
    else calls.add(record, loadNameOf(record.vu));
    if (++added === LARGE && columnar === 'if-large') useColumns();
  }

  return {
    add(record) {
      if (!header) {
        header = requireHeader(record);
        loadNameOf = loadNameByVu(header.scenario.load);
      } else if (record.type === 'attempt' || record.type === 'call') addCounted(record);
      else if (record.type === 'dropped') dropped.push(record);
      else if (record.type === 'replica') replicas.push(record);
      else if (record.type === 'second') seconds.push(record);
      else if (record.type === 'end') end = record;
      if ('endUs' in record) lastUs = Math.max(lastUs, record.endUs);
    },
    finish() {
      if (!header) throw missingHeader();
      const inOrder = attempts.inOrder();
      const stopped = end ? end.stopped : 'cut-off';
      return {
        header,
        calls: calls.inOrder(inOrder),
        attempts: inOrder,
        dropped,
        replicas,
        seconds: seconds.sort((a, b) => a.startUs - b.startUs),
        endUs: end?.endUs ?? lastUs,
        ...(stopped && { stopped }),
        ...(end?.exitCode !== undefined && { exitCode: end.exitCode }),
        ...(end?.timersLateUs !== undefined && { timersLateUs: end.timersLateUs }),
      };
    },
  };
}

function requireHeader(record: JournalRecord): HeaderRecord {
  if (record.type !== 'header') throw missingHeader();
  return record;
}

function missingHeader(): QuotaLabError {
  return new QuotaLabError('journal/no-header', 'the journal does not start with a header');
}
