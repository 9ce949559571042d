import type { LeakyQueueSpec } from './algorithm.ts';
import { admitted, denied } from './decision.ts';
import type { Limiter } from './limiter.ts';

export interface LeakyQueueState {
  /** When the next request may leave the queue. */
  readonly nextUs: number;
  readonly seenUs: number;
}

/** A queue that lets one request out per interval; what does not fit behind `maxQueue` waiting ones is refused. */
export function leakyQueue(spec: LeakyQueueSpec): Limiter<LeakyQueueState> {
  const { intervalUs, maxQueue } = spec;
  const longestUs = maxQueue * intervalUs;

  function at(state: LeakyQueueState, nowUs: number): LeakyQueueState {
    const seenUs = Math.max(state.seenUs, nowUs);
    return { nextUs: Math.max(state.nextUs, seenUs), seenUs };
  }

  /** How many requests the queue would still take in, when the next may leave after `delayUs`. */
  const remaining = (delayUs: number): number => Math.max(0, Math.floor((longestUs - delayUs) / intervalUs) + 1);

  return {
    capacity: maxQueue + 1,
    initial: (nowUs) => ({ nextUs: nowUs, seenUs: nowUs }),
    check(state, nowUs, cost) {
      const { nextUs, seenUs } = at(state, nowUs);
      const delayUs = nextUs - seenUs;
      const lastDelayUs = delayUs + (cost - 1) * intervalUs;
      if (cost === 0) return admitted(remaining(delayUs), delayUs);
      if (lastDelayUs <= longestUs) {
        return admitted(remaining(delayUs + cost * intervalUs), delayUs + cost * intervalUs, lastDelayUs);
      }
      return denied(remaining(delayUs), delayUs, cost > maxQueue + 1 ? Infinity : lastDelayUs - longestUs);
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const { nextUs, seenUs } = at(state, nowUs);
      // Charges of refused requests may owe one more queue, as buckets owe their capacity at the most.
      return { nextUs: Math.min(nextUs + cost * intervalUs, seenUs + 2 * (longestUs + intervalUs)), seenUs };
    },
    /** One request is one unit: there is nothing to correct. */
    settle: (state) => state,
    isIdle: (state, nowUs) => state.nextUs <= nowUs,
  };
}
