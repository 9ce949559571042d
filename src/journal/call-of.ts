import type { Exchange } from '../../mock-server/exchange.ts';
import type { AttemptRecord } from './record.ts';

/** To which call an attempt belongs, and what says so. */
export type CallOf = (sight: Exchange['sight']) => Pick<AttemptRecord, 'call' | 'joinedBy'>;

/**
 * Joins attempts to calls, one after the other as they end. The tag that the runner put in comes first. A client whose
 * retries lose the call's asynchronous context (undici's RetryAgent makes them where the answer comes in) sends them
 * without; such an attempt belongs to the one call that has sent the very same request with its tag. Where several
 * calls have sent it, nothing tells.
 */
export function createCallOf(): CallOf {
  const senders = new Map<string, number | 'several'>();
  return ({ callTag, bodyHash }) => {
    const sender = senders.get(bodyHash);
    if (callTag !== undefined && /^\d+$/.test(callTag)) {
      const call = Number(callTag);
      senders.set(bodyHash, sender === undefined || sender === call ? call : 'several');
      return { call, joinedBy: 'tag' };
    }
    return typeof sender === 'number' ? { call: sender, joinedBy: 'body-hash' } : { call: null, joinedBy: 'none' };
  };
}
