import { QuotaLabError } from '../../mock-server/error.ts';
import type { AttemptRecord, CallRecord } from '../journal/call-records.ts';
import type { HeaderRecord } from '../journal/record.ts';
import type { ClientCode } from '../scenario/scenario.ts';
import { missingPackagesError } from './missing-import.ts';
import type { RunOutcome } from './run-context.ts';

/** What a run has recorded. */
export interface Recorded {
  readonly header: HeaderRecord;
  readonly calls: readonly Pick<CallRecord, 'result' | 'error'>[];
  readonly attempts: readonly Pick<AttemptRecord, 'call'>[];
  readonly seconds: readonly unknown[];
}

/**
 * Returns why a run did not test its client, or not to its end: the client exited, the journal could not be written, packages
 * that it imports are missing, the load started no call, no call sent a request, or no call of a command ended, which then
 * speaks another protocol. Calls of a module that never end are judged: `gives-up-early` finds them.
 */
export function outcomeFailure(
  { clientError, writeError, stopped }: Omit<RunOutcome, 'records'>,
  recorded: Recorded,
): Error | undefined {
  const error = clientError ?? writeError;
  if (error || stopped === 'interrupted') return error;
  const { header, calls } = recorded;
  if (calls.length === 0) return hasLoad(recorded) || stopped ? undefined : noCallsError();
  const missing = missingPackagesError(calls);
  if (missing) return missing;
  if (calls.some(({ result }) => result !== 'open')) return noRequestsError(recorded);
  const { code } = header.scenario.client;
  return code.kind === 'command' && !isStillRetrying(recorded) ? neverAnswersError(calls.length, code) : undefined;
}

/** Raw load has counts instead of calls. */
function hasLoad({ attempts, seconds }: Recorded): boolean {
  return attempts.length + seconds.length > 0;
}

/** A run without calls must not pass. */
function noCallsError(): QuotaLabError {
  const hint = 'is its duration too short for its rate, or 0?';
  return new QuotaLabError('run/no-calls', 'the load started no call, so nothing was tested', {
    problems: [{ path: 'load', message: 'starts no call', hint }],
  });
}

/** A run that sent no requests must not pass. */
function noRequestsError({ calls, attempts, seconds }: Recorded): QuotaLabError | undefined {
  if (attempts.length + seconds.length > 0) return undefined;
  const message = `none of ${calls.length} calls sent a request to the mock`;
  const hint =
    'does it read OPENAI_BASE_URL, or the variable of its dialect? A cache or a mock in the client has the same effect';
  return new QuotaLabError('client/no-requests', message, {
    problems: [{ path: 'client', message: 'sends no requests', hint }],
  });
}

/** A program that never exits, or a worker that writes no valid answer. */
function neverAnswersError(count: number, { protocol }: Extract<ClientCode, { kind: 'command' }>): QuotaLabError {
  const { reason, message } = COMMAND_CAUSES[protocol];
  return new QuotaLabError('client/never-resolves', `none of ${count} calls ended: ${reason}`, {
    problems: [{ path: 'client.command', message }],
  });
}

const COMMAND_CAUSES = {
  worker: {
    reason: 'the worker answered none of them',
    message:
      'write each answer to stdout as one line of JSON with the id of its call, such as {"id": 7, "result": "…"}, ' +
      'and flush it; invalid lines are shown above',
  },
  call: {
    reason: 'the program never ends',
    message: 'it gets one call on stdin, followed by end of file; it must exit after printing the result',
  },
} as const;

/** Open calls that keep retrying are not pending promises: verdicts report them better. */
function isStillRetrying({ attempts }: Recorded): boolean {
  const sent = new Set<number>();
  for (const { call } of attempts) {
    if (call === null) continue;
    if (sent.has(call)) return true;
    sent.add(call);
  }
  return false;
}
