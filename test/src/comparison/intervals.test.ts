import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomFor } from '../../../mock-server/random.ts';
import { bootstrapInterval, differenceInterval } from '../../../src/analysis/statistics/interval.ts';
import { mean } from '../../../src/analysis/statistics/percentile.ts';
import { cliffsDelta, mannWhitney } from '../../../src/comparison/rank-test.ts';

const noisy = (seed: number, count: number, middle: number): number[] => {
  const random = randomFor(seed, 'noise');
  return Array.from({ length: count }, () => middle + random() + random() + random() - 1.5);
};

describe('the interval of a difference of means', () => {
  it('film: three against three, every redraw is of one value each', () => {
    expect(differenceInterval([1, 1, 1], [4, 4, 4])).toEqual({ low: 3, high: 3, confidence: 0.9 });
  });

  it('one value a side has no spread, one against several has', () => {
    expect(differenceInterval([1], [2])).toBeUndefined();
    const interval = differenceInterval([1], [2, 3, 4])!;
    expect(interval.low).toBeGreaterThanOrEqual(1);
    expect(interval.low).toBeLessThan(2);
    expect(interval.high).toBeGreaterThan(2);
    expect(interval.high).toBeLessThanOrEqual(3);
  });

  it('nine in ten hold the true difference', () => {
    const hits = Array.from({ length: 400 }, (_, seed) => {
      const { low, high } = differenceInterval(noisy(seed, 20, 10), noisy(seed + 1000, 20, 12))!;
      return low <= 2 && 2 <= high;
    }).filter(Boolean).length;
    // The percentile bootstrap of twenty is known to be a little narrow.
    expect(hits / 400).toBeGreaterThan(0.84);
    expect(hits / 400).toBeLessThan(0.95);
  });

  it('swapped, it is mirrored, whatever the samples', () => {
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

it('the interval of paired differences: turned round, it is mirrored', () => {
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

describe('ranks and effect size, whatever the samples', () => {
  const values = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 });

  it('swapped: the same p, the mirrored delta', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const [there, back] = [mannWhitney(first, second), mannWhitney(second, first)];
        expect(back.p).toBeCloseTo(there.p, 12);
        expect(there.p).toBeGreaterThan(0);
        expect(there.p).toBeLessThanOrEqual(1);
        const [n, m] = [first.length, second.length];
        expect(cliffsDelta(back, m, n)).toBeCloseTo(-cliffsDelta(there, n, m), 12);
      }),
    );
  });

  it('delta is what it says: the share of pairs that rise less the share that fall', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const signs = first.flatMap((one) => second.map((other) => Math.sign(other - one)));
        expect(cliffsDelta(mannWhitney(first, second), first.length, second.length)).toBeCloseTo(mean(signs), 12);
      }),
    );
  });

  it('the order of values is irrelevant', () => {
    fc.assert(
      fc.property(values, values, (first, second) => {
        const p = mannWhitney([...first].reverse(), [...second].sort()).p;
        expect(p).toBeCloseTo(mannWhitney(first, second).p, 12);
      }),
    );
  });
});
