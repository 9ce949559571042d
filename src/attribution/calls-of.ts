import type { AttemptRecord, CallRecord } from '../journal/record.ts';
import { attribute, callsByAttempt } from './attribute.ts';
import { callRecordOf } from './call-record.ts';

/** Attempts that know their call, as they were given, and the calls, by start. */
export interface InferredCalls {
  readonly attempts: AttemptRecord[];
  readonly calls: CallRecord[];
}

/**
 * The calls of a program that was run whole, from nothing but its attempts: what idempotency keys, the SDK's count of
 * retries and one body sent again after a failure join is one call, which went as its last attempt did. Where more than one
 * call could have made an attempt, it belongs to none. Microseconds since the start of the run, which ended at `endUs`;
 * whatever `call` and `joinedBy` the attempts had is not looked at.
 */
export function callsOf(attempts: readonly AttemptRecord[], endUs: number): InferredCalls {
  const groups = attribute(
    attempts.toSorted((a, b) => a.startUs - b.startUs),
    { keysTakeTurns: true },
  );
  const callOf = callsByAttempt(groups);
  return {
    attempts: attempts.map((attempt) => {
      const { id, by } = callOf.get(attempt) ?? NOT_JOINED;
      return { ...attempt, call: id, joinedBy: by };
    }),
    calls: groups.map((group, index) => callRecordOf(group.attempts, index + 1, 0, endUs)),
  };
}

const NOT_JOINED = { id: null, by: 'none' } as const;
