import type { Exchange } from '../../mock-server/exchange.ts';
import type { AttemptRecord } from './record.ts';

/**
 * An attempt's record from what the provider's edge saw. `startedUs` is the start of the run on the exchange's clock.
 * The call is named by the tag that the runner put in; an attempt without one belongs to no call that is known.
 */
export function attemptRecord(id: number, exchange: Exchange, startedUs: number): AttemptRecord {
  const { sight, headersUs } = exchange;
  const call = sight.callTag !== undefined && /^\d+$/.test(sight.callTag) ? Number(sight.callTag) : null;
  return {
    type: 'attempt',
    id,
    call,
    joinedBy: call === null ? 'none' : 'tag',
    startUs: exchange.startUs - startedUs,
    ...(headersUs !== undefined && { headersUs: headersUs - startedUs }),
    endUs: exchange.endUs - startedUs,
    outcome: exchange.outcome,
    ...sight,
  };
}
