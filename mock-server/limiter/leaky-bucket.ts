import type { Problem } from '../error.ts';
import { formatExactRate, type Rate } from '../quantity.ts';
import type { Algorithm } from './algorithm.ts';
import { checkInteger, checkRate } from './check-figures.ts';
import { admitted, denied } from './decision.ts';
import { describeRate } from './describe-rate.ts';
import type { LimiterFields } from './fields.ts';
import { checkInitial, usedAtStart } from './initial.ts';
import type { Limiter } from './limiter.ts';

/** nginx `limit_req`: `delay: 'nodelay'` forwards the whole burst at once; a number delays only requests above it. */
export interface LeakyBucketSpec {
  readonly algorithm: 'leaky-bucket';
  readonly rate: Rate;
  readonly burst: number;
  readonly delay: 'nodelay' | number;
  readonly initial?: number;
}

export interface LeakyBucketState {
  /** Thousandths of a request above the rate; −1000 for an unused or drained key. */
  readonly excess: number;
  readonly lastMs: number;
}

/** If time goes back by more than a minute, nginx assumes that the clock was set, and counts 1 ms. */
const CLOCK_SET_MS = -60_000;

/**
 * nginx `limit_req`, exact to the millisecond and the thousandth of a request: time is in whole milliseconds; rate, decay and
 * delay are rounded down; refusals change nothing (nginx/nginx `ngx_http_limit_req_module.c`; `limits.md` section 1).
 */
function createLeakyBucket(spec: LeakyBucketSpec): Limiter<LeakyBucketState> {
  const rate = milliRate(spec);
  const burst = spec.burst * 1000;
  const usedFirst = usedAtStart(spec.initial, spec.burst + 1) * 1000;
  const msOf = (nowUs: number): number => Math.floor(nowUs / 1000);

  function elapsedMs({ lastMs }: LeakyBucketState, nowMs: number): number {
    const ms = nowMs - lastMs;
    if (ms < CLOCK_SET_MS) return 1;
    return Math.max(0, ms);
  }

  /** Excess before the current request, at least −1000. */
  function drained(state: LeakyBucketState, nowMs: number): number {
    return Math.max(-1000, state.excess - Math.floor((rate * elapsedMs(state, nowMs)) / 1000));
  }

  /** Time from `nowUs` until `excess` has drained since the last accepted request; nothing has been accepted on an unused key. */
  function untilUs({ lastMs }: LeakyBucketState, excess: number, nowUs: number): number {
    if (excess <= 0) return 0;
    return Math.max(0, (lastMs + Math.ceil((excess * 1000) / rate)) * 1000 - nowUs);
  }

  function delayUs(excess: number): number {
    if (spec.delay === 'nodelay') return 0;
    return Math.max(0, Math.floor(((excess - spec.delay * 1000) * 1000) / rate)) * 1000;
  }

  const remaining = (excess: number): number => Math.max(0, Math.floor((burst - excess) / 1000));

  function charge(state: LeakyBucketState, nowUs: number, cost: number): LeakyBucketState {
    if (cost === 0) return state;
    const nowMs = msOf(nowUs);
    // Charges of refused requests add at most one more burst of debt, like one capacity in other buckets.
    const excess = Math.min(drained(state, nowMs) + cost * 1000, 2 * burst + 1000);
    return { excess, lastMs: elapsedMs(state, nowMs) > 0 ? nowMs : state.lastMs };
  }

  return {
    capacity: spec.burst + 1,
    initial: (nowUs) => ({ excess: usedFirst - 1000, lastMs: msOf(nowUs) }),
    check(state, nowUs, cost) {
      const now = drained(state, msOf(nowUs));
      const resetUs = untilUs(state, state.excess + 1000, nowUs);
      if (cost === 0) return admitted(remaining(now), resetUs);
      const excess = now + cost * 1000;
      if (excess > burst) {
        const waitUs = cost > spec.burst + 1 ? Infinity : untilUs(state, state.excess + cost * 1000 - burst, nowUs);
        return denied(remaining(now), resetUs, waitUs);
      }
      const next = charge(state, nowUs, cost);
      return admitted(remaining(excess), untilUs(next, excess + 1000, nowUs), delayUs(excess));
    },
    charge,
    /** A request always costs one unit, so there is nothing to settle. */
    settle: (state) => state,
    isIdle: (state, nowUs) => usedFirst === 0 && drained(state, msOf(nowUs)) === -1000,
  };
}

/** Milli-requests per second, truncated as in nginx: `1r/m` is 16, so in effect one request per 62.5 s. */
function milliRate({ rate }: LeakyBucketSpec): number {
  return Math.floor((rate.amount * 1e9) / rate.periodUs);
}

function checkNginxRate(spec: LeakyBucketSpec): Problem[] {
  const problems = checkRate('rate', spec.rate);
  if (problems.length > 0 || milliRate(spec) >= 1) return problems;
  const hint = 'nginx counts thousandths of a request per second; the slowest rate is 1r/m';
  return [{ path: 'rate', message: 'is below the resolution of nginx', hint }];
}

function settings({ z, amount, rate, initial }: LimiterFields) {
  return {
    algorithm: z.literal('leaky-bucket').describe('nginx limit_req.'),
    rate: rate('As in nginx: per second or per minute.'),
    burst: amount('Requests accepted above the rate.').prefault(0),
    nodelay: z.boolean().optional().describe('Forwards the whole burst at once.'),
    delay: amount('Delays only requests above this many of the burst.').optional(),
    initial,
  };
}

/** nginx `limit_req`. */
export const leakyBucket: Algorithm<LeakyBucketSpec, ReturnType<typeof settings>> = {
  settings,
  toSpec: ({ algorithm, rate, burst, nodelay, delay = 0, initial }) => ({
    algorithm,
    rate,
    burst,
    delay: nodelay ? 'nodelay' : delay,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: ({ algorithm, rate, burst, delay, initial }) => ({
    algorithm,
    rate: formatExactRate(rate),
    burst,
    ...(delay === 'nodelay' ? { nodelay: true } : { delay }),
    ...(initial !== undefined && { initial }),
  }),
  parseSize: (size) => ({ rate: size }),
  problems: (spec) => [
    ...checkNginxRate(spec),
    ...checkInteger('burst', spec.burst, 0),
    ...(spec.delay === 'nodelay' ? [] : checkInteger('delay', spec.delay, 0)),
    ...checkInitial(spec.initial, spec.burst + 1),
  ],
  create: createLeakyBucket,
  amount: ({ burst }) => burst + 1,
  sustained: ({ rate }) => rate,
  describe: ({ rate, burst }, unit) => describeRate(unit, rate, burst + 1),
  recorded: ['rate', 'burst'],
  refills: 'by-draining',
  restricts: 'rate',
};
