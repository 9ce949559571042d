import { QuotaLabError } from '../../mock-server/error.ts';
import type { ClientCode } from '../scenario/scenario.ts';
import { missingPackagesError } from './missing-import.ts';
import type { RunOutcome } from './run-context.ts';

/**
 * Returns why a run did not test its client, or not to its end: the client exited, the journal could not be written, packages
 * that it imports are missing, the load started no call, no call sent a request, or no call of a command ended, which then
 * speaks another protocol. Calls of a module that never end are judged: `gives-up-early` finds them.
 */
export function outcomeFailure({ clientError, writeError, stopped, records }: RunOutcome): Error | undefined {
  const error = clientError ?? writeError;
  if (error || stopped === 'interrupted') return error;
  const calls = records.filter((record) => record.type === 'call');
  if (calls.length === 0) return hasLoad(records) || stopped ? undefined : noCallsError();
  const missing = missingPackagesError(calls);
  if (missing) return missing;
  if (calls.some(({ result }) => result !== 'open')) return noRequestsError(records, calls.length);
  const [header] = records.filter((record) => record.type === 'header');
  const code = header?.scenario.client.code;
  return code?.kind === 'command' && !isStillRetrying(records) ? neverAnswersError(calls.length, code) : undefined;
}

/** Raw load has counts instead of calls. */
function hasLoad(records: RunOutcome['records']): boolean {
  return records.some(({ type }) => type === 'attempt' || type === 'second');
}

/** A run without calls must not pass. */
function noCallsError(): QuotaLabError {
  const hint = 'is its duration too short for its rate, or 0?';
  return new QuotaLabError('run/no-calls', 'the load started no call, so nothing was tested', {
    problems: [{ path: 'load', message: 'starts no call', hint }],
  });
}

/** A run that sent no requests must not pass. */
function noRequestsError(records: RunOutcome['records'], calls: number): QuotaLabError | undefined {
  if (records.some(({ type }) => type === 'attempt' || type === 'second')) return undefined;
  const message = `none of ${calls} calls sent a request to the mock`;
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
function isStillRetrying(records: RunOutcome['records']): boolean {
  const sent = new Set<number>();
  for (const record of records) {
    if (record.type !== 'attempt' || record.call === null) continue;
    if (sent.has(record.call)) return true;
    sent.add(record.call);
  }
  return false;
}
