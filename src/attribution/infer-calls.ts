import type { AttemptRecord, CallRecord } from '../journal/call-records.ts';
import { createCallRecord } from './call-record.ts';
import { callsByAttempt, groupByCall } from './group-by-call.ts';

/** The given attempts, joined to calls, and these calls in order of start. */
export interface InferredCalls {
  readonly attempts: AttemptRecord[];
  readonly calls: CallRecord[];
}

/**
 * Infers the calls of a program from its attempts alone: attempts are joined by idempotency key, the SDK's retry count, or
 * a body sent again after a failure. A call ends as its last attempt did; an attempt that several calls could have made
 * belongs to none. Times are microseconds since the start of the run, which ended at `endUs`. Existing `call` and `joinedBy`
 * values of the attempts are ignored.
 */
export function inferCalls(attempts: readonly AttemptRecord[], endUs: number): InferredCalls {
  const groups = groupByCall(
    attempts.toSorted((a, b) => a.startUs - b.startUs),
    { mayRotateKeys: true },
  );
  const callOf = callsByAttempt(groups);
  return {
    attempts: attempts.map((attempt) => {
      const { id, by } = callOf.get(attempt) ?? NOT_JOINED;
      return { ...attempt, call: id, joinedBy: by };
    }),
    calls: groups.map((group, index) => createCallRecord(group.attempts, index + 1, 0, endUs)),
  };
}

const NOT_JOINED = { id: null, by: 'none' } as const;
