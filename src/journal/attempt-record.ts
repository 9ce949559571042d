import type { Exchange } from '../../mock-server/exchange.ts';
import type { CallOf } from './call-of.ts';
import type { AttemptRecord } from './record.ts';

/** An attempt's record from what the provider's edge saw. `startedUs` is the start of the run on the exchange's clock. */
export function attemptRecord(id: number, exchange: Exchange, startedUs: number, callOf: CallOf): AttemptRecord {
  const { sight, headersUs } = exchange;
  return {
    type: 'attempt',
    id,
    ...callOf(sight),
    startUs: exchange.startUs - startedUs,
    ...(headersUs !== undefined && { headersUs: headersUs - startedUs }),
    endUs: exchange.endUs - startedUs,
    outcome: exchange.outcome,
    ...sight,
  };
}
