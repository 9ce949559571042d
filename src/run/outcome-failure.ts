import { QuotaLabError } from '../../mock-server/error.ts';
import type { ClientCode } from '../scenario/scenario.ts';
import type { RunOutcome } from './run-options.ts';

/** Why a run says nothing of its client: it went away, no call of it ever ended, or none sent a request. */
export function outcomeFailure({ clientError, stopped, records }: RunOutcome): Error | undefined {
  if (clientError || stopped === 'interrupted') return clientError;
  const calls = records.filter((record) => record.type === 'call');
  if (calls.length === 0) return undefined;
  if (calls.some(({ result }) => result !== 'open')) return sentNothing(records, calls.length);
  if (isStillTrying(records)) return undefined;
  const [header] = records.filter((record) => record.type === 'header');
  return neverResolves(calls.length, header?.scenario.client.code);
}

/** What never reached the mock was not tested: such a run must not pass. */
function sentNothing(records: RunOutcome['records'], calls: number): QuotaLabError | undefined {
  if (records.some(({ type }) => type === 'attempt' || type === 'second')) return undefined;
  const message = `none of ${calls} calls sent a request to the mock`;
  const hint =
    'does it read OPENAI_BASE_URL, or the like for its dialect? A cache or a mock of its own would do this too';
  return new QuotaLabError('client/no-requests', message, {
    problems: [{ path: 'client', message: 'sends nothing', hint }],
  });
}

/** What never ends is a promise, a program, or a worker's silence: whoever reads a line that is no answer waits for ever. */
function neverResolves(count: number, code: ClientCode | undefined): QuotaLabError {
  const fault = code?.kind === 'command' ? COMMAND_FAULTS[code.protocol] : undefined;
  const why = fault ? fault.why : "the client's promise never resolves";
  const problems = fault ? [{ path: 'client.command', message: fault.message }] : [];
  return new QuotaLabError('client/never-resolves', `none of ${count} calls ended: ${why}`, { problems });
}

const COMMAND_FAULTS = {
  worker: {
    why: 'the worker answered none of them',
    message:
      'an answer is one line of JSON on stdout with the id of its call, such as {"id": 7, "result": "…"}, ' +
      'flushed at once; lines that are none were shown above',
  },
  call: {
    why: 'the program never ends',
    message: 'it is told of one call on stdin, which then ends; when it has printed the result it has to end too',
  },
} as const;

/** Calls that are open because they still send are no promise that never resolves: verdicts have more to say of them. */
function isStillTrying(records: RunOutcome['records']): boolean {
  const sent = new Set<number>();
  for (const record of records) {
    if (record.type !== 'attempt' || record.call === null) continue;
    if (sent.has(record.call)) return true;
    sent.add(record.call);
  }
  return false;
}
