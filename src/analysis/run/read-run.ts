import { QuotaLabError } from '../../../mock-server/error.ts';
import { withProgramCalls } from '../../attribution/program-calls.ts';
import type { DroppedRecord, EndRecord, HeaderRecord, JournalRecord } from '../../journal/record.ts';
import type { SecondRecord } from '../../journal/second-record.ts';
import { loadNameByVu } from '../../load/executors.ts';
import { AttemptTable } from './attempt-table.ts';
import { CallTable } from './call-table.ts';
import { PlainAttempts, PlainCalls } from './plain-records.ts';
import type { Run } from './run-view.ts';

export interface ReadOptions {
  /**
   * Stores calls and attempts by column, so that a million attempts fit into memory. Their fields are then getters: they
   * cannot be spread or compared as plain objects.
   *
   * @default false
   */
  readonly columnar?: boolean;
}

/**
 * Joins a journal's records into a run. Throws `journal/no-header` if the records do not start with a header.
 *
 * @example
 * const { calls } = readRun(await readJournal('journal.jsonl'));
 */
export function readRun(records: Iterable<JournalRecord>, { columnar = false }: ReadOptions = {}): Run {
  let header: HeaderRecord | undefined;
  let end: EndRecord | undefined;
  let lastUs = 0;
  const attempts = columnar ? new AttemptTable() : new PlainAttempts();
  const calls = columnar ? new CallTable() : new PlainCalls();
  let loadNameOf = (_vu: number): string => '';
  const dropped: DroppedRecord[] = [];
  const seconds: SecondRecord[] = [];
  for (const record of withProgramCalls(records)) {
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
    ...(end?.timersLateUs !== undefined && { timersLateUs: end.timersLateUs }),
  };
}

function requireHeader(record: JournalRecord): HeaderRecord {
  if (record.type !== 'header') throw missingHeader();
  return record;
}

function missingHeader(): QuotaLabError {
  return new QuotaLabError('journal/no-header', 'the journal does not start with a header');
}
