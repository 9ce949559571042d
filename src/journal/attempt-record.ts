import type { Exchange } from '../../mock-server/exchange.ts';
import type { AttemptRecord } from './record.ts';

/** To which call an attempt belongs, and what says so. */
export type CallOf = (exchange: Exchange) => Pick<AttemptRecord, 'call' | 'joinedBy'>;

/** An attempt's record from what the provider's edge saw. `startedUs` is the start of the run on the exchange's clock. */
export function attemptRecord(id: number, exchange: Exchange, startedUs: number, callOf: CallOf): AttemptRecord {
  const { sight, headersUs } = exchange;
  return {
    type: 'attempt',
    id,
    ...callOf(exchange),
    startUs: exchange.startUs - startedUs,
    ...(headersUs !== undefined && { headersUs: headersUs - startedUs }),
    endUs: exchange.endUs - startedUs,
    outcome: exchange.outcome,
    ...sight,
  };
}
