import { DEFECT_NOUNS, isAnswered } from '../../mock-server/ending.ts';
import type { CallError, CallRecord } from '../journal/call-records.ts';
import type { AttemptTrace } from './attempt-trace.ts';
import { endOf, isRetryable, retryWindowUs } from './ending.ts';

/**
 * Creates the record of a call from its attempts, in order of start: the call ends as its last attempt did. It is `open` if
 * a retry of that attempt may lie beyond the end of the run. `startedUs` is the start of the run on the clock of the
 * attempts, `endUs` its end relative to that.
 */
export function createCallRecord(
  attempts: readonly AttemptTrace[],
  id: number,
  startedUs: number,
  endUs: number,
): CallRecord {
  const last = attempts.at(-1)!;
  // Most clients read an answer whatever its content type says.
  const ok = isAnswered(last) || last.defect === 'content-type';
  const isOpen = !ok && isRetryable(last) && endOf(last) - startedUs + retryWindowUs(last) > endUs;
  const startUs = attempts[0]!.startUs - startedUs;
  const endedUs = attempts.reduce((latest, attempt) => Math.max(latest, endOf(attempt)), 0) - startedUs;
  return {
    type: 'call',
    id,
    vu: 1,
    iteration: id - 1,
    scheduledUs: startUs,
    startUs,
    endUs: isOpen ? endUs : endedUs,
    result: ok ? 'ok' : isOpen ? 'open' : 'error',
    ...(!ok && !isOpen && { error: lastAttemptError(last) }),
  };
}

function lastAttemptError({ outcome, status, errorCode, defect }: AttemptTrace): CallError {
  const told = defect === undefined ? `status ${status}` : DEFECT_NOUNS[defect];
  const ending = outcome === 'response' ? told : outcome === 'reset' ? 'a broken connection' : 'no reply in time';
  return {
    name: 'LastAttemptFailed',
    message: `the last attempt ended with ${ending}`,
    ...(status > 0 && { status }),
    ...(errorCode !== undefined && { code: errorCode }),
  };
}
