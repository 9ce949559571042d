import type { Exchange } from '../../mock-server/exchange.ts';
import type { AttemptRecord } from './call-records.ts';

/** Returns the call of an attempt and the rung that joined them. */
export type FindCall = (exchange: Exchange) => Pick<AttemptRecord, 'call' | 'joinedBy'>;

/** Creates the record of an attempt. `startedUs`: the start of the run on the exchange's clock. `provider`: its name, if it has one. */
export function createAttemptRecord(
  id: number,
  exchange: Exchange,
  startedUs: number,
  findCall: FindCall,
  provider = '',
): AttemptRecord {
  const { view, headersUs } = exchange;
  return {
    type: 'attempt',
    id,
    ...findCall(exchange),
    startUs: exchange.startUs - startedUs,
    ...(headersUs !== undefined && { headersUs: headersUs - startedUs }),
    endUs: exchange.endUs - startedUs,
    outcome: exchange.outcome,
    ...(provider !== '' && { provider }),
    ...view,
  };
}
