import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../mock-server/random.ts';
import { describeLoad, type Executor, type ExecutorOf, planOf } from '../../../src/load/executors.ts';
import type { ClosedPlan, LoadSpan, OpenPlan, Stage } from '../../../src/load/plan.ts';
import { nextStartUs } from '../../../src/load/wait.ts';

const S = 1_000_000;
const timing = { startUs: 0, gracefulStopUs: 30 * S };
const closed = { ...timing, wait: { kind: 'none' } } as const;
const open = { ...timing, arrivals: 'uniform', maxVus: 100 } as const;

const closedPlan = (executor: Executor): ClosedPlan => planOf(executor) as ClosedPlan;
const arrivalsOf = (executor: Executor, seed = 1): number[] =>
  [...(planOf(executor) as OpenPlan).arrivals(randomFor(seed, 'arrivals'))].map(({ atUs }) => atUs);
const inS = (spans: readonly LoadSpan[]): string[] =>
  spans.map(({ vu, startUs, stopUs }) => `${vu}: ${startUs / S}–${stopUs / S}`);

describe('closed executors', () => {
  it('constant-vus: all VUs, from the start time to the end', () => {
    const plan = closedPlan({ executor: 'constant-vus', vus: 2, durationUs: 10 * S, ...closed, startUs: 5 * S });
    expect(inS(plan.spans)).toEqual(['1: 5–15', '2: 5–15']);
    expect(plan).toMatchObject({ endUs: 15 * S, hardEndUs: 45 * S, maxVus: 2 });
  });

  it('ramping-vus 0 → 4 in 8 s, flat for 2 s, → 1 in 3 s', () => {
    const stages = [
      { durationUs: 8 * S, target: 4 },
      { durationUs: 2 * S, target: 4 },
      { durationUs: 3 * S, target: 1 },
    ];
    const plan = closedPlan({ executor: 'ramping-vus', startVus: 0, stages, ...closed });
    expect(inS(plan.spans)).toEqual(['1: 2–13', '2: 4–13', '3: 6–12', '4: 8–11']);
  });

  it('ramping-vus: a stage of zero length jumps', () => {
    const stages = [
      { durationUs: 0, target: 3 },
      { durationUs: 5 * S, target: 3 },
      { durationUs: 0, target: 1 },
      { durationUs: 5 * S, target: 1 },
    ];
    expect(inS(closedPlan({ executor: 'ramping-vus', startVus: 1, stages, ...closed }).spans)).toEqual([
      '1: 0–10',
      '2: 0–5',
      '3: 0–5',
    ]);
  });

  it('ramping-vus: at any time, the number of active spans is within 1 of the line', () => {
    const stage = fc.record({ durationUs: fc.integer({ min: 1, max: 60 }).map((s) => s * S), target: fc.nat(20) });
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.array(stage, { minLength: 1, maxLength: 5 }),
        fc.nat(1000),
        (startVus, stages, share) => {
          const plan = closedPlan({ executor: 'ramping-vus', startVus, stages, ...closed });
          const atUs = Math.floor((plan.endUs * share) / 1001);
          const running = plan.spans.filter(({ startUs, stopUs }) => startUs <= atUs && atUs < stopUs).length;
          const level = levelAt(startVus, stages, atUs);
          expect(Math.abs(running - level)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it.each(['per-vu-iterations', 'shared-iterations'] as const)(
    '%s: the number of iterations and the maximum duration',
    (executor) => {
      const plan = closedPlan({ executor, vus: 3, iterations: 7, maxDurationUs: 60 * S, ...closed });
      expect(plan.spans.length).toBe(3);
      expect([plan.perVuIterations, plan.sharedIterations]).toEqual(
        executor === 'per-vu-iterations' ? [7, undefined] : [undefined, 7],
      );
      expect(plan.endUs).toBe(60 * S);
    },
  );
});

function levelAt(startVus: number, stages: readonly Stage[], atUs: number): number {
  let fromUs = 0;
  let from = startVus;
  for (const { durationUs, target } of stages) {
    if (atUs < fromUs + durationUs) return from + ((target - from) * (atUs - fromUs)) / durationUs;
    fromUs += durationUs;
    from = target;
  }
  return from;
}

const constant = (
  ratePerSecond: number,
  seconds: number,
  rest: Partial<ExecutorOf<'constant-arrival-rate'>> = {},
): Executor => ({
  executor: 'constant-arrival-rate',
  ratePerSecond,
  durationUs: seconds * S,
  ...open,
  ...rest,
});

describe('open executors', () => {
  it('constant-arrival-rate: 4/s', () => {
    expect(arrivalsOf(constant(4, 1))).toEqual([0, 250_000, 500_000, 750_000]);
  });

  it('does not drift in a month at 3/20s: the last of 388,800 arrivals is exact', () => {
    const arrivals = arrivalsOf(constant(0.15, 30 * 86_400));
    expect(arrivals.length).toBe(388_800);
    expect(arrivals[388_797]).toBe(388_797 * (20 / 3) * S);
    expect(arrivals.at(-1)).toBe(Math.floor((388_799 / 0.15) * S));
  });

  it('ramping-arrival-rate 0 → 4/s in 2 s: 4 arrivals at shrinking intervals', () => {
    const arrivals = arrivalsOf({
      executor: 'ramping-arrival-rate',
      startRatePerSecond: 0,
      stages: [{ durationUs: 2 * S, target: 4 }],
      ...open,
    });
    // The integral of the rate is t²: arrival n is due at √n.
    expect(arrivals).toEqual([0, 1, 2, 3].map((n) => Math.floor(Math.sqrt(n) * S)));
  });

  it('a ramp that never leaves 0 has no arrivals', () => {
    expect(
      arrivalsOf({
        executor: 'ramping-arrival-rate',
        startRatePerSecond: 0,
        stages: [{ durationUs: S, target: 0 }],
        ...open,
      }),
    ).toEqual([]);
  });

  it('ramps: the number of arrivals is the integral of the rate, ascending, within the duration', () => {
    const stage = fc.record({ durationUs: fc.integer({ min: 1, max: 100 }).map((s) => s * S), target: fc.nat(50) });
    fc.assert(
      fc.property(fc.nat(50), fc.array(stage, { minLength: 1, maxLength: 4 }), (startRatePerSecond, stages) => {
        const arrivals = arrivalsOf({ executor: 'ramping-arrival-rate', startRatePerSecond, stages, ...open });
        let from = startRatePerSecond;
        const integral = stages.reduce((sum, { durationUs, target }) => {
          const expected = ((from + target) / 2) * (durationUs / S);
          from = target;
          return sum + expected;
        }, 0);
        expect(Math.abs(arrivals.length - integral)).toBeLessThanOrEqual(1);
        expect(arrivals).toEqual([...arrivals].sort((a, b) => a - b));
        expect(arrivals.every((us) => us < stages.reduce((sum, { durationUs }) => sum + durationUs, 0))).toBe(true);
      }),
    );
  });

  it('Poisson: mean and dispersion of a Poisson process, reproducible by seed', () => {
    const executor = constant(50, 1000, { arrivals: 'poisson' });
    const arrivals = arrivalsOf(executor);
    expect(Math.abs(arrivals.length - 50_000)).toBeLessThan(5 * Math.sqrt(50_000));
    const perSecond = Array.from(
      { length: 1000 },
      (_, second) => arrivals.filter((us) => Math.floor(us / S) === second).length,
    );
    const mean = arrivals.length / 1000;
    const variance = perSecond.reduce((sum, count) => sum + (count - mean) ** 2, 0) / 999;
    // The index of dispersion of 1,000 Poisson counts is 1 ± 0.045.
    expect(variance / mean).toBeGreaterThan(0.8);
    expect(variance / mean).toBeLessThan(1.2);
    expect(arrivalsOf(executor)).toEqual(arrivals);
    expect(arrivalsOf(executor, 2)).not.toEqual(arrivals);
  });
});

describe('nextStartUs after an iteration from 10 s to 12 s', () => {
  it.each([
    [{ kind: 'none' }, 12],
    [{ kind: 'between', minUs: 2 * S, maxUs: 4 * S }, 15],
    [{ kind: 'constant', waitUs: S }, 13],
    [{ kind: 'constant-pacing', periodUs: 5 * S }, 15],
    [{ kind: 'constant-pacing', periodUs: S }, 12],
  ] as const)('%j: %d s', (wait, seconds) => {
    expect(nextStartUs(wait, () => 0.5, 10 * S, 12 * S)).toBe(seconds * S);
  });
});

describe('describeLoad', () => {
  it.each<[Executor, string]>([
    [
      {
        executor: 'constant-vus',
        vus: 20,
        durationUs: 30 * S,
        ...closed,
        wait: { kind: 'between', minUs: 200_000, maxUs: 500_000 },
      },
      '20 VUs for 30s, resting 200ms–500ms',
    ],
    [
      { executor: 'ramping-vus', startVus: 0, stages: [{ durationUs: 60 * S, target: 20 }], ...closed },
      '0 → 20 VUs in 1m',
    ],
    [{ executor: 'per-vu-iterations', vus: 1, iterations: 7, maxDurationUs: S, ...closed }, '1 VU, 7 iterations each'],
    [
      {
        executor: 'shared-iterations',
        vus: 3,
        iterations: 7,
        maxDurationUs: S,
        ...closed,
        wait: { kind: 'constant-pacing', periodUs: S },
      },
      '7 iterations shared by 3 VUs, one start every 1s',
    ],
    [constant(5, 60, { arrivals: 'poisson', startUs: 90 * S }), '5/s for 1m (Poisson), up to 100 VUs, from 1m30s on'],
    [
      { executor: 'ramping-arrival-rate', startRatePerSecond: 1, stages: [{ durationUs: S, target: 9 }], ...open },
      '1/s → 9/s in 1s, up to 100 VUs',
    ],
  ])('%#: %s', (executor, expected) => {
    expect(describeLoad(executor)).toBe(expected);
  });
});
