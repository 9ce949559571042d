import type { AttemptRecord } from '../journal/call-records.ts';
import type { EndRecord, JournalRecord } from '../journal/record.ts';
import { type InferredCalls, inferCalls } from './infer-calls.ts';

/**
 * Infers the calls of a program that has ended, or was cut off (without `end`). After a normal exit, no further attempts can
 * follow; otherwise the last calls stay open. Times are microseconds since the start of the run.
 */
export function inferProgramCalls(attempts: readonly AttemptRecord[], end: EndRecord | undefined): InferredCalls {
  const lastUs = attempts.reduce((latest, { endUs }) => Math.max(latest, endUs), 0);
  const isOver = end !== undefined && end.stopped === undefined;
  return inferCalls(attempts, isOver ? Number.MAX_SAFE_INTEGER : (end?.endUs ?? lastUs));
}

/**
 * Returns the records of a journal, with the calls of a program that it lacks: while a program runs, only its attempts are
 * written, and their calls are inferred at its end.
 */
export function* withProgramCalls(records: Iterable<JournalRecord>): Generator<JournalRecord> {
  let held: AttemptRecord[] | undefined;
  for (const record of records) {
    if (record.type === 'header' && record.program) held = [];
    else if (record.type === 'call' && held) {
      yield* held;
      held = undefined;
    }
    if (held && record.type === 'attempt') held.push(record);
    else if (held && record.type === 'end') {
      yield* joined(held, record);
      held = undefined;
      yield record;
    } else yield record;
  }
  if (held) yield* joined(held, undefined);
}

function* joined(attempts: readonly AttemptRecord[], end: EndRecord | undefined): Generator<JournalRecord> {
  const inferred = inferProgramCalls(attempts, end);
  yield* inferred.calls;
  yield* inferred.attempts;
}
