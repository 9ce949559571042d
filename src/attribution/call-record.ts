import { isAnswered } from '../../mock-server/exchange.ts';
import type { CallError, CallRecord } from '../journal/record.ts';
import { endOf, mayBeRetried, retryWindowUs } from './ending.ts';
import type { Trace } from './trace.ts';

/**
 * The call that some attempts were made for, in order of start, as far as they tell: it went as the last of them did. One
 * that failed so late that its next attempt may lie beyond the end is open. `startedUs` is the run's zero on the clock of
 * the attempts, `endUs` its end since then.
 */
export function callRecordOf(attempts: readonly Trace[], id: number, startedUs: number, endUs: number): CallRecord {
  const last = attempts.at(-1)!;
  const ok = isAnswered(last);
  const goesOn = !ok && mayBeRetried(last) && endOf(last) - startedUs + retryWindowUs(last) > endUs;
  const startUs = attempts[0]!.startUs - startedUs;
  const endedUs = attempts.reduce((latest, one) => Math.max(latest, endOf(one)), 0) - startedUs;
  return {
    type: 'call',
    id,
    vu: 1,
    iteration: id - 1,
    scheduledUs: startUs,
    startUs,
    endUs: goesOn ? endUs : endedUs,
    result: ok ? 'ok' : goesOn ? 'open' : 'error',
    ...(!ok && !goesOn && { error: errorOf(last) }),
  };
}

function errorOf({ outcome, status, errorCode }: Trace): CallError {
  const what =
    outcome === 'response' ? `status ${status}` : outcome === 'reset' ? 'a broken connection' : 'no answer in time';
  return {
    name: 'LastAttemptFailed',
    message: `the last attempt that was seen ended with ${what}`,
    ...(status > 0 && { status }),
    ...(errorCode !== undefined && { code: errorCode }),
  };
}
