import { formatExactDuration } from '../duration.ts';
import { parseRate } from '../quantity.ts';
import type { Algorithm } from './algorithm.ts';
import { checkInteger } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import { describeRate } from './describe-rate.ts';
import type { LimiterFields } from './fields.ts';
import { checkInitial, usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';

/** A queue that releases one request every `intervalUs` and holds at most `maxQueue` requests. */
export interface LeakyQueueSpec {
  readonly algorithm: 'leaky-queue';
  readonly intervalUs: number;
  readonly maxQueue: number;
  readonly initial?: number;
}

export interface LeakyQueueState {
  /** When the next request may leave the queue. */
  readonly nextUs: number;
  readonly latestUs: number;
}

/** A queue that releases one request per interval; while `maxQueue` requests wait, further ones are refused. */
function createLeakyQueue(spec: LeakyQueueSpec): Limiter<LeakyQueueState> {
  const { intervalUs, maxQueue } = spec;
  const maxDelayUs = maxQueue * intervalUs;
  const usedFirst = usedAtStart(spec.initial, maxQueue + 1);

  function advance(state: LeakyQueueState, nowUs: number): LeakyQueueState {
    const latestUs = Math.max(state.latestUs, nowUs);
    return { nextUs: Math.max(state.nextUs, latestUs), latestUs };
  }

  /** Number of requests that still fit in the queue if the next may leave after `delayUs`. */
  const remaining = (delayUs: number): number => Math.max(0, Math.floor((maxDelayUs - delayUs) / intervalUs) + 1);

  return {
    capacity: maxQueue + 1,
    initial: (nowUs) => ({ nextUs: nowUs + usedFirst * intervalUs, latestUs: nowUs }),
    check(state, nowUs, cost) {
      const { nextUs, latestUs } = advance(state, nowUs);
      const delayUs = nextUs - latestUs;
      const lastDelayUs = delayUs + (cost - 1) * intervalUs;
      if (cost === 0) return admitted(remaining(delayUs), delayUs);
      if (lastDelayUs <= maxDelayUs) {
        return admitted(remaining(delayUs + cost * intervalUs), delayUs + cost * intervalUs, lastDelayUs);
      }
      return denied(remaining(delayUs), delayUs, cost > maxQueue + 1 ? Infinity : lastDelayUs - maxDelayUs);
    },
    charge(state, nowUs, cost) {
      if (cost === 0) return state;
      const { nextUs, latestUs } = advance(state, nowUs);
      // Charges of refused requests add at most one more full queue of debt, like one capacity in buckets.
      return { nextUs: Math.min(nextUs + cost * intervalUs, latestUs + 2 * (maxDelayUs + intervalUs)), latestUs };
    },
    /** A request always costs one unit, so there is nothing to settle. */
    settle: (state) => state,
    isIdle: (state, nowUs) => usedFirst === 0 && state.nextUs <= nowUs,
  };
}

function settings({ z, amount, duration, initial }: LimiterFields) {
  return {
    algorithm: z.literal('leaky-queue').describe('A queue that releases one request per interval.'),
    interval: duration('Time between two releases.'),
    maxQueue: amount('Maximum length of the queue.'),
    initial,
  };
}

/** A queue that releases one request per interval. */
export const leakyQueue: Algorithm<LeakyQueueSpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, interval, maxQueue, initial }) => ({
    algorithm,
    intervalUs: interval,
    maxQueue,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: ({ algorithm, intervalUs, maxQueue, initial }) => ({
    algorithm,
    interval: formatExactDuration(intervalUs),
    maxQueue,
    ...(initial !== undefined && { initial }),
  }),
  /** A rate gives the interval, rounded to the microsecond. */
  parseSize(size) {
    const rate = parseRate(size);
    return { interval: 'value' in rate ? `${rate.value.periodUs / rate.value.amount}us` : size };
  },
  problems: ({ intervalUs, maxQueue, initial }) => [
    ...checkInteger('interval', intervalUs, 1),
    ...checkInteger('maxQueue', maxQueue, 0),
    ...checkInitial(initial, maxQueue + 1),
  ],
  create: createLeakyQueue,
  amount: ({ maxQueue }) => maxQueue + 1,
  sustained: ({ intervalUs }) => ({ amount: 1, periodUs: intervalUs }),
  describe: ({ intervalUs, maxQueue }, unit) =>
    `${describeRate(unit, { amount: 1, periodUs: intervalUs })}, up to ${maxQueue} queued`,
  recorded: ['intervalUs', 'maxQueue'],
  refills: 'by-draining',
  restricts: 'rate',
};
