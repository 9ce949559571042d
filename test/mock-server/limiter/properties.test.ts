import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlgorithmName, type AlgorithmSpec, algorithmOf } from '../../../mock-server/limiter/algorithms.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Decision, Limiter } from '../../../mock-server/limiter/limiter.ts';
import { NAMES, sampleSpec } from './sample-spec.ts';

/** One request: microseconds since the previous one (negative if the clock went back), and its cost. */
interface Step {
  readonly afterUs: number;
  readonly cost: number;
}

/** A limiter under test, and the properties that the invariants depend on. */
interface Case {
  readonly name: string;
  readonly spec: AlgorithmSpec;
  /** Maximum admitted in a closed span of `us` (`limits.md` section 1 and P1). */
  readonly bound: (us: number) => number;
  /** Costs are always 1. */
  readonly unitCost?: boolean;
  /** Windows end on the clock, even without requests. */
  readonly clockwork?: boolean;
  /** Time that goes back is not clamped (nginx beyond 60 s). */
  readonly ownClock?: boolean;
  /** What it admits grows with use, without a bound. */
  readonly grows?: boolean;
  /** Admitted requests lose a fraction of refill (nginx), so refill in two steps differs from one. */
  readonly losesFractions?: boolean;
  /** The same limiter with all times, or all amounts, multiplied by k. */
  readonly slower?: (k: number) => AlgorithmSpec;
  readonly larger?: (k: number) => AlgorithmSpec;
}

const S = 1_000_000;
const MONTH_US = 30 * 86_400 * S;
/** Levels of this bucket exceed 2^53: 10,007 times 2.6e12. */
const nearlyEmpty = (k: number): AlgorithmSpec => ({
  algorithm: 'token-bucket',
  capacity: 10_007,
  refill: { amount: 10_007, periodUs: MONTH_US * k },
  initial: 6,
});
const bucket = (
  algorithm: 'token-bucket' | 'gcra' | 'leaky-meter',
  capacity: number,
  amount: number,
  periodUs: number,
): Case => ({
  name: `${algorithm} ${capacity}, ${amount} per ${periodUs} µs`,
  spec: { algorithm, capacity, refill: { amount, periodUs } },
  bound: (us) => capacity + Math.floor((amount * us) / periodUs),
  slower: (k) => ({ algorithm, capacity, refill: { amount, periodUs: periodUs * k } }),
  larger: (k) => ({ algorithm, capacity: capacity * k, refill: { amount: amount * k, periodUs } }),
});
const sliding = (algorithm: 'sliding-window-log' | 'sliding-window-counter'): Case => ({
  name: `${algorithm} 5 per s`,
  spec: { algorithm, amount: 5, windowUs: S },
  bound: (us) => (algorithm === 'sliding-window-log' ? 5 : 10) * (Math.floor(us / S) + 1),
  slower: (k) => ({ algorithm, amount: 5, windowUs: S * k }),
  larger: (k) => ({ algorithm, amount: 5 * k, windowUs: S }),
});
const fixed = (anchor: 'clock' | 'first-request'): Case => ({
  name: `fixed-window ${anchor} 5 per s`,
  clockwork: anchor === 'clock',
  spec: { algorithm: 'fixed-window', amount: 5, windowUs: S, anchor },
  bound: (us) => 5 * (Math.floor(us / S) + 2) - (anchor === 'clock' ? 0 : 1),
  slower: (k) => ({ algorithm: 'fixed-window', amount: 5, windowUs: S * k, anchor }),
  larger: (k) => ({ algorithm: 'fixed-window', amount: 5 * k, windowUs: S, anchor }),
});

/** Cases with exact bounds; their flags exempt them from invariants that do not apply. */
const EXACT: readonly Case[] = [
  bucket('token-bucket', 5, 5, S),
  bucket('gcra', 5, 5, S),
  bucket('leaky-meter', 4, 2, S),
  bucket('token-bucket', 3, 3, 20 * S),
  bucket('token-bucket', 7, 7, 60 * S),
  {
    ...bucket('token-bucket', 10_007, 10_007, MONTH_US),
    name: 'token-bucket beyond 2^53 (BigInt), nearly empty at the start',
    spec: nearlyEmpty(1),
    slower: nearlyEmpty,
  },
  {
    name: 'tick-bucket 5 per tick of 1 s',
    spec: { algorithm: 'tick-bucket', capacity: 5, refill: { amount: 5, periodUs: S } },
    bound: (us) => 5 + 5 * (Math.floor(us / S) + 1),
    slower: (k) => ({ algorithm: 'tick-bucket', capacity: 5, refill: { amount: 5, periodUs: S * k } }),
    larger: (k) => ({ algorithm: 'tick-bucket', capacity: 5 * k, refill: { amount: 5 * k, periodUs: S } }),
  },
  fixed('clock'),
  fixed('first-request'),
  sliding('sliding-window-log'),
  sliding('sliding-window-counter'),
  {
    name: 'leaky-bucket as nginx 5r/s burst 5 nodelay',
    spec: { algorithm: 'leaky-bucket', rate: { amount: 5, periodUs: S }, burst: 5, delay: 'nodelay' },
    // nginx counts whole milliseconds, so a span may admit one more.
    bound: (us) => 6 + Math.floor(((us + 1000) * 5) / S) + 1,
    unitCost: true,
    ownClock: true,
    losesFractions: true,
  },
  {
    name: 'leaky-queue one per 200 ms, 5 waiting',
    spec: { algorithm: 'leaky-queue', intervalUs: 200_000, maxQueue: 5 },
    bound: (us) => 6 + Math.floor(us / 200_000),
    unitCost: true,
  },
  {
    name: 'calendar-quota 5 per day in Berlin',
    spec: { algorithm: 'calendar-quota', amount: 5, per: 'day', timeZone: 'Europe/Berlin', resetHour: 0 },
    bound: (us) => 5 * (Math.ceil(us / (23 * 3600 * S)) + 1),
    clockwork: true,
  },
  {
    name: 'ramp of 50 % from 5 per s',
    spec: { algorithm: 'ramp', floor: 5, growthPercent: 50, windowUs: S },
    bound: () => Infinity,
    clockwork: true,
    grows: true,
    slower: (k) => ({ algorithm: 'ramp', floor: 5, growthPercent: 50, windowUs: S * k }),
  },
];

/** Creates a case for an algorithm that is missing in `EXACT`: every invariant applies, with twice its rate as bound. */
function anyCase(name: AlgorithmName): Case {
  const spec = sampleSpec(name);
  const { amount, sustained } = algorithmOf(spec);
  const rate = sustained(spec)!;
  return { name, spec, bound: (us) => 2 * (amount(spec) + (rate.amount * us) / rate.periodUs) };
}

/** Concurrency is tested in `edge-cases.test.ts`: only settlement frees its places. */
const CASES: readonly Case[] = [
  ...EXACT,
  ...NAMES.filter((name) => name !== 'concurrency' && !EXACT.some(({ spec }) => spec.algorithm === name)).map(anyCase),
];

/** Shortly before a local midnight and a daylight saving change, to exercise calendars and windows. */
const START_US = 1_774_738_799_000_000;

const stepsFor = ({ unitCost, spec }: Case): fc.Arbitrary<Step[]> => {
  const gap = spec.algorithm === 'calendar-quota' ? 9 * 3600 * S : 1_500_000;
  return fc.array(
    fc.record({
      afterUs: fc.oneof(
        fc.constant(0),
        fc.nat(gap),
        fc.nat(2000),
        fc.nat(gap).map((us) => -Math.floor(us / 3)),
      ),
      cost: unitCost ? fc.constant(1) : fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 })),
    }),
    { minLength: 12, maxLength: 50 },
  );
};

interface Frame extends Step {
  readonly nowUs: number;
  readonly before: unknown;
  readonly decision: Decision;
}

/** Runs steps on a new limiter, charging what is admitted. */
function play(limiter: Limiter, steps: readonly Step[], scale = 1, times = 1): Frame[] {
  let nowUs = START_US * scale;
  let state = limiter.initial(nowUs);
  return steps.map(({ afterUs, cost }) => {
    nowUs += afterUs * scale;
    const before = state;
    const decision = limiter.check(state, nowUs, cost * times);
    if (decision.admit) state = limiter.charge(state, nowUs, cost * times);
    return { afterUs, cost, nowUs, before, decision };
  });
}

const forward = (steps: readonly Step[]): Step[] => steps.map((step) => ({ ...step, afterUs: Math.abs(step.afterUs) }));

type Law = (limiter: Limiter, steps: readonly Step[], tested: Case) => readonly Frame[];

interface Invariant {
  readonly name: string;
  readonly law: Law;
  /** Returns the reason if the invariant does not hold for a case. */
  readonly exempt?: (tested: Case) => string | undefined;
}

const INVARIANTS: readonly Invariant[] = [
  {
    name: 'P1: no closed span admits more than the bound',
    exempt: ({ spec, grows }) =>
      grows ? 'see below' : 'initial' in spec ? 'starts with less than its bound' : undefined,
    law(limiter, steps, { bound }) {
      const frames = play(limiter, forward(steps));
      const admitted = frames.filter(({ decision }) => decision.admit);
      for (const [first, { nowUs: fromUs }] of admitted.entries()) {
        let cost = 0;
        for (const frame of admitted.slice(first)) {
          cost += frame.cost;
          expect(cost).toBeLessThanOrEqual(bound(frame.nowUs - fromUs));
        }
      }
      return frames;
    },
  },
  {
    name: 'P2: a refusal leaves every later answer unchanged',
    law(limiter, steps) {
      const frames = play(limiter, steps);
      const kept = frames.filter(({ decision }) => decision.admit);
      const again = replayAt(limiter, kept);
      expect(again.map(({ decision }) => decision)).toEqual(kept.map(({ decision }) => decision));
      return frames;
    },
    exempt: ({ ownClock }) => (ownClock ? 'a refusal in the past does not advance its clock' : undefined),
  },
  {
    name: 'P3, P4: passes after exactly the requested wait and later, but not before',
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { decision, before, nowUs, cost } of frames.filter((frame) => !frame.decision.admit)) {
        const { retryAfterUs } = decision;
        if (retryAfterUs === Infinity) continue;
        expect(limiter.check(before, nowUs + retryAfterUs, cost).admit).toBe(true);
        expect(limiter.check(before, nowUs + retryAfterUs - 1, cost).admit).toBe(false);
        for (const laterUs of [1, 999, 500_000, 3 * S]) {
          expect(limiter.check(before, nowUs + retryAfterUs + laterUs, cost).admit).toBe(true);
        }
      }
      return frames;
    },
  },
  {
    name: 'P5: a peek never changes the state',
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs } of frames) {
        expect(limiter.charge(before, nowUs, 0)).toEqual(before);
        expect(limiter.check(before, nowUs, 0)).toMatchObject({ admit: true, retryAfterUs: 0, delayUs: 0 });
      }
      return frames;
    },
  },
  {
    name: 'P6: if a cost of 2c passes, two costs of c pass at the same instant, with the same result',
    exempt: ({ unitCost }) => (unitCost ? 'one request is one unit' : undefined),
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs, cost } of frames.filter(({ cost }) => cost % 2 === 0)) {
        if (!limiter.check(before, nowUs, cost).admit) continue;
        const half = limiter.charge(before, nowUs, cost / 2);
        expect(limiter.check(half, nowUs, cost / 2).admit).toBe(true);
        const twice = limiter.charge(half, nowUs, cost / 2);
        expect(limiter.check(twice, nowUs, 0)).toEqual(limiter.check(limiter.charge(before, nowUs, cost), nowUs, 0));
      }
      return frames;
    },
  },
  {
    name: 'P7: times before the last charge are clamped to it',
    exempt: ({ ownClock }) => (ownClock ? 'nginx has its own rule' : undefined),
    law(limiter, steps) {
      const frames = play(limiter, steps);
      let chargedUs = 0;
      const clamped = frames.map((frame) => {
        const nowUs = Math.max(chargedUs, frame.nowUs);
        if (frame.decision.admit) chargedUs = nowUs;
        return { ...frame, nowUs };
      });
      expect(replayAt(limiter, clamped).map(answer)).toEqual(frames.map(answer));
      return frames;
    },
  },
  {
    name: 'P8: remaining is a whole number from 0 to capacity and falls by at most the cost',
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs, cost, decision } of frames) {
        const peeked = limiter.check(before, nowUs, 0).remaining;
        expect(Number.isInteger(decision.remaining)).toBe(true);
        expect(decision.remaining).toBeGreaterThanOrEqual(0);
        expect(peeked).toBeLessThanOrEqual(limiter.capacity);
        expect(peeked - decision.remaining).toBeLessThanOrEqual(decision.admit ? cost : 0);
      }
      return frames;
    },
  },
  {
    name: 'P9: multiplying all times by k changes no decision and no remaining',
    exempt: ({ slower }) => (slower ? undefined : 'its times cannot be scaled'),
    law(limiter, steps, { slower }) {
      const frames = play(limiter, forward(steps));
      const slow = play(createLimiter(slower!(3)), forward(steps), 3);
      const outcomes = (list: readonly Frame[]) =>
        list.map(({ decision: { admit, remaining } }) => ({ admit, remaining }));
      expect(outcomes(slow)).toEqual(outcomes(frames));
      return frames;
    },
  },
  {
    name: 'P9: multiplying all amounts by k changes no decision',
    exempt: ({ larger, spec }) => (larger && !('initial' in spec) ? undefined : 'it has no amount to scale'),
    law(limiter, steps, { larger }) {
      const frames = play(limiter, forward(steps));
      const large = play(createLimiter(larger!(3)), forward(steps), 1, 3);
      expect(large.map(({ decision }) => decision.admit)).toEqual(frames.map(({ decision }) => decision.admit));
      return frames;
    },
  },
  {
    name: 'P11: its state survives JSON',
    law(limiter, steps) {
      const frames = play(limiter, steps);
      for (const { before, nowUs, cost, decision } of frames) {
        expect(limiter.check(JSON.parse(JSON.stringify(before)), nowUs, cost)).toEqual(decision);
      }
      return frames;
    },
  },
  {
    name: 'an idle state is equivalent to the initial state',
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs, cost, decision } of frames) {
        if (limiter.isIdle(before, nowUs)) expect(limiter.check(limiter.initial(nowUs), nowUs, cost)).toEqual(decision);
      }
      return frames;
    },
  },
  {
    name: 'the state is idle exactly from the reported reset on',
    exempt: ({ spec, grows }) =>
      grows
        ? 'at its reset, it knows the window before'
        : 'initial' in spec
          ? 'it never returns to its initial state'
          : undefined,
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs, cost, decision } of frames) {
        if (decision.retryAfterUs === Infinity) continue;
        const after = decision.admit ? limiter.charge(before, nowUs, cost) : before;
        expect(limiter.check(after, nowUs, 0).resetUs).toBe(decision.resetUs);
        expect(limiter.isIdle(after, nowUs + decision.resetUs - 1)).toBe(false);
        expect(limiter.isIdle(after, nowUs + decision.resetUs)).toBe(true);
      }
      return frames;
    },
  },
  {
    name: 'a cost equal to the capacity passes after exactly its wait; a larger cost never passes',
    exempt: ({ grows }) => (grows ? 'it has no largest cost' : undefined),
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs } of frames) {
        const { capacity } = limiter;
        const peeked = limiter.check(before, nowUs, 0);
        const over = limiter.check(before, nowUs, capacity + 1);
        expect(over).toEqual({ ...peeked, admit: false, retryAfterUs: Infinity });
        const { admit, retryAfterUs } = limiter.check(before, nowUs, capacity);
        expect(admit).toBe(retryAfterUs === 0);
        expect(limiter.check(before, nowUs + retryAfterUs, capacity).admit).toBe(true);
        if (!admit) expect(limiter.check(before, nowUs + retryAfterUs - 1, capacity).admit).toBe(false);
      }
      return frames;
    },
  },
  {
    name: 'after a charged refusal, nothing remains, but a peek is still admitted',
    law(limiter, steps) {
      const frames = play(limiter, forward(steps));
      for (const { before, nowUs, cost } of frames.filter(({ decision }) => !decision.admit)) {
        if (cost > limiter.capacity) continue;
        const owing = limiter.charge(before, nowUs, cost);
        const refused = limiter.check(owing, nowUs, cost);
        expect(refused).toMatchObject({ admit: false, remaining: 0, delayUs: 0 });
        expect(limiter.check(owing, nowUs, 0)).toMatchObject({ admit: true, remaining: 0, retryAfterUs: 0 });
        expect(limiter.check(owing, nowUs + refused.retryAfterUs, cost).admit).toBe(true);
        expect(limiter.check(owing, nowUs + refused.retryAfterUs - 1, cost).admit).toBe(false);
      }
      return frames;
    },
  },
];

const answer = ({ decision: { admit, remaining, retryAfterUs } }: Frame) => ({ admit, remaining, retryAfterUs });

/** Replays the requests of frames at their times. */
function replayAt(limiter: Limiter, frames: readonly Frame[]): Frame[] {
  let state = limiter.initial(START_US);
  return frames.map((frame) => {
    const before = state;
    const decision = limiter.check(state, frame.nowUs, frame.cost);
    if (decision.admit) state = limiter.charge(state, frame.nowUs, frame.cost);
    return { ...frame, before, decision };
  });
}

describe.each(CASES)('$name', (tested) => {
  it('is idle before the first request', () => {
    const limiter = createLimiter(tested.spec);
    const fresh = limiter.initial(START_US);
    expect(limiter.isIdle(fresh, START_US)).toBe(!('initial' in tested.spec));
    expect(limiter.isIdle(fresh, START_US + S)).toBe(!('initial' in tested.spec));
    const { resetUs } = limiter.check(fresh, START_US + S / 4, 0);
    expect(resetUs === 0).toBe(!tested.clockwork && !('initial' in tested.spec));
  });

  for (const { name, law, exempt } of INVARIANTS) {
    const why = exempt?.(tested);
    if (why !== undefined) continue;
    it(name, () => {
      let denied = 0;
      fc.assert(
        fc.property(stepsFor(tested), (steps) => {
          denied += law(createLimiter(tested.spec), steps, tested).filter(({ decision }) => !decision.admit).length;
        }),
        { numRuns: 60 },
      );
      expect(denied, 'number of refusals').toBeGreaterThan(0);
    });
  }
});
