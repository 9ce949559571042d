import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../mock-server/random.ts';
import { bootstrapInterval, differenceInterval } from '../../../src/analysis/statistics/interval.ts';
import { mean } from '../../../src/analysis/statistics/percentile.ts';
import { cliffsDelta, mannWhitneyTest } from '../../../src/comparison/rank-test.ts';

const noisy = (seed: number, count: number, middle: number): number[] => {
  const random = randomFor(seed, 'noise');
  return Array.from({ length: count }, () => middle + random() + random() + random() - 1.5);
};

describe('differenceInterval', () => {
  it('has zero width for constant samples', () => {
    expect(differenceInterval([1, 1, 1], [4, 4, 4])).toEqual({ low: 3, high: 3, confidence: 0.9 });
  });

  it('needs two values on at least one side', () => {
    expect(differenceInterval([1], [2])).toBeUndefined();
    const interval = differenceInterval([1], [2, 3, 4])!;
    expect(interval.low).toBeGreaterThanOrEqual(1);
    expect(interval.low).toBeLessThan(2);
    expect(interval.high).toBeGreaterThan(2);
    expect(interval.high).toBeLessThanOrEqual(3);
  });

  it('contains the true difference in about 90 % of samples', () => {
    const hits = Array.from({ length: 400 }, (_, seed) => {
      const { low, high } = differenceInterval(noisy(seed, 20, 10), noisy(seed + 1000, 20, 12))!;
      return low <= 2 && 2 <= high;
    }).filter(Boolean).length;
    // The percentile bootstrap of 20 values is known to be slightly narrow.
    expect(hits / 400).toBeGreaterThan(0.84);
    expect(hits / 400).toBeLessThan(0.95);
  });

  it('is mirrored for swapped samples', () => {
    const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(values, values, (first, second) => {
        fc.pre(String(first) !== String(second));
        const [there, back] = [differenceInterval(first, second)!, differenceInterval(second, first)!];
        expect(back.low).toBeCloseTo(-there.high, 10);
        expect(back.high).toBeCloseTo(-there.low, 10);
      }),
    );
  });
});

it('bootstrapInterval of negated differences is mirrored', () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 12 });
  fc.assert(
    fc.property(values, (differences) => {
      const there = bootstrapInterval(differences, mean)!;
      const back = bootstrapInterval(
        differences.map((value) => -value),
        mean,
      )!;
      expect(back.low).toBeCloseTo(-there.high, 10);
      expect(back.high).toBeCloseTo(-there.low, 10);
      expect(there.low).toBeLessThanOrEqual(mean(differences) + 1e-9);
      expect(there.high).toBeGreaterThanOrEqual(mean(differences) - 1e-9);
    }),
  );
});

describe('mannWhitneyTest and cliffsDelta', () => {
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 });

  it('have equal p and mirrored delta for swapped samples', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const [there, back] = [mannWhitneyTest(first, second), mannWhitneyTest(second, first)];
        expect(back.p).toBeCloseTo(there.p, 12);
        expect(there.p).toBeGreaterThan(0);
        expect(there.p).toBeLessThanOrEqual(1);
        const [n, m] = [first.length, second.length];
        expect(cliffsDelta(back, m, n)).toBeCloseTo(-cliffsDelta(there, n, m), 12);
      }),
    );
  });

  it('delta is the share of rising pairs minus the share of falling pairs', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const signs = first.flatMap((one) => second.map((other) => Math.sign(other - one)));
        expect(cliffsDelta(mannWhitneyTest(first, second), first.length, second.length)).toBeCloseTo(mean(signs), 12);
      }),
    );
  });

  it('do not depend on the order of values', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const p = mannWhitneyTest([...first].reverse(), [...second].sort()).p;
        expect(p).toBeCloseTo(mannWhitneyTest(first, second).p, 12);
      }),
    );
  });
});
