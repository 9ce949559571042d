import { QuotaLabError } from '../../mock-server/error.ts';
import type { RunOutcome } from './run-options.ts';

/** Why a run says nothing of its client: it went away, or no call of it ever ended. */
export function outcomeFailure({ clientError, stopped, records }: RunOutcome): Error | undefined {
  if (clientError || stopped === 'interrupted') return clientError;
  const calls = records.filter((record) => record.type === 'call');
  if (calls.length === 0 || calls.some(({ result }) => result !== 'open')) return undefined;
  if (isStillTrying(records)) return undefined;
  const message = `none of ${calls.length} calls ended: the client's promise never resolves`;
  return new QuotaLabError('client/never-resolves', message);
}

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
