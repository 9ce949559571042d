import { QuotaLabError } from '../../mock-server/error.ts';
import type { AttemptRecord, CallRecord } from '../journal/call-records.ts';
import type { HeaderRecord, JournalRecord } from '../journal/record.ts';
import { loadNameByVu } from '../load/executors.ts';
import { createTraceTableBuilder, type TraceRow, type TraceTable } from '../load/trace-table.ts';

/** What the attempts of one call say about it. */
type CallFacts = Pick<TraceRow, 'model' | 'promptTokens' | 'completionTokens' | 'stream'>;

const NOTHING_KNOWN: CallFacts = { model: null, promptTokens: null, completionTokens: null, stream: null };

/**
 * Makes a trace of a journal, also of one that was made of a recording: an arrival for each call, when its load wanted it, also
 * for those that were dropped. Retries are no arrivals: the client that is tested makes its own. A call is of the kind that the
 * journal names, else of that of its load. Throws `trace/no-calls`.
 */
export function traceOfRecords(records: Iterable<JournalRecord>): TraceTable {
  const facts = new Map<number, CallFacts>();
  const calls: (Pick<CallRecord, 'scheduledUs'> & Partial<Omit<CallRecord, 'type'>>)[] = [];
  let header: HeaderRecord | undefined;
  let countsOnly = false;
  for (const record of records) {
    if (record.type === 'header') header = record;
    else if (record.type === 'attempt') addAttempt(facts, record);
    else if (record.type === 'call' || record.type === 'dropped') calls.push(record);
    else countsOnly ||= record.type === 'second';
  }
  if (calls.length === 0) throw noCallsError(countsOnly);
  const loadOf = loadNameByVu(header?.scenario.load ?? []);
  const builder = createTraceTableBuilder();
  for (const call of calls.sort((a, b) => a.scheduledUs - b.scheduledUs)) {
    const { scheduledUs, id, vu, kind, job } = call;
    builder.add({
      timeUs: scheduledUs,
      ...(facts.get(id ?? -1) ?? NOTHING_KNOWN),
      client: null,
      kind: kind ?? (vu === undefined ? null : loadOf(vu) || null),
      conversation: job ?? null,
    });
  }
  return builder.end()!;
}

/** A later attempt tells more: only an answer has its tokens. */
function addAttempt(facts: Map<number, CallFacts>, attempt: AttemptRecord): void {
  if (attempt.call === null) return;
  const before = facts.get(attempt.call) ?? NOTHING_KNOWN;
  facts.set(attempt.call, {
    model: attempt.model ?? before.model,
    promptTokens: attempt.promptTokens ?? before.promptTokens,
    completionTokens: attempt.completionTokens || before.completionTokens,
    stream: attempt.stream ?? before.stream,
  });
}

function noCallsError(countsOnly: boolean): QuotaLabError {
  const message = countsOnly
    ? 'the journal counts its calls by the second, and does not say when each was due'
    : 'the journal has no call';
  return new QuotaLabError('trace/no-calls', message);
}
