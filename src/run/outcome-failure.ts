import { QuotaLabError } from '../../mock-server/error.ts';
import type { RunOutcome } from './run-options.ts';

/** Why a run says nothing of its client: it went away, or no call of it ever ended. */
export function outcomeFailure({ clientError, stopped, records }: RunOutcome): Error | undefined {
  if (clientError || stopped === 'interrupted') return clientError;
  const calls = records.filter((record) => record.type === 'call');
  if (calls.length === 0 || calls.some(({ result }) => result !== 'open')) return undefined;
  const message = `none of ${calls.length} calls ended: the client's promise never resolves`;
  return new QuotaLabError('client/never-resolves', message);
}
