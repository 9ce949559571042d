import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edge, type EdgeSearch, findEdge } from '../../../src/plan/find-edge.ts';

const WHOLE: EdgeSearch = { start: 20, min: 1, max: 1_000_000, whole: true, precision: 0.005 };
const FRACTIONS: EdgeSearch = { start: 20, min: 0.001, max: 1e6, whole: false, precision: 0.005 };

/** Searches with a goal that holds up to `edge`, and with every seed up to `sureEdge`. Returns the number of tries. */
async function search(edge: number, options: EdgeSearch, sureEdge = edge): Promise<{ found: Edge; tried: number }> {
  let tried = 0;
  const found = await findEdge((value, sure) => {
    tried++;
    return Promise.resolve(value <= (sure ? sureEdge : edge));
  }, options);
  return { found, tried };
}

describe('findEdge', () => {
  it.each([
    [37, { kind: 'edge', holds: 37, fails: 38 }],
    [20, { kind: 'edge', holds: 20, fails: 21 }],
    [1, { kind: 'edge', holds: 1, fails: 2 }],
    [0, { kind: 'never', downTo: 1 }],
    [2_000_000, { kind: 'always', upTo: 1_000_000 }],
  ])('holds up to %d', async (edge, expected) => {
    const { found, tried } = await search(edge, WHOLE);
    expect(found).toEqual(expected);
    expect(tried).toBeLessThan(40);
  });

  it('moves down if other seeds fail', async () => {
    expect((await search(37, WHOLE, 31)).found).toEqual({ kind: 'edge', holds: 31, fails: 32 });
    expect((await search(37, WHOLE, 0)).found).toEqual({ kind: 'never', downTo: 1 });
    expect((await search(2_000_000, WHOLE, 900_000)).found).toMatchObject({ kind: 'edge', fails: expect.any(Number) });
  });

  it('finds any edge to within one or half a per cent for whole numbers, one per cent for fractions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 900_000 }),
        fc.double({ min: 0.01, max: 1e5, noNaN: true }),
        async (n, x) => {
          const { found: whole } = await search(n, WHOLE);
          expect(whole.kind).toBe('edge');
          if (whole.kind === 'edge') {
            expect(whole.holds).toBeLessThanOrEqual(n);
            expect(whole.fails).toBeGreaterThan(n);
            expect(whole.fails - whole.holds).toBeLessThanOrEqual(Math.max(1, n * 0.0051));
          }
          const { found: real } = await search(x, FRACTIONS);
          expect(real.kind).toBe('edge');
          if (real.kind === 'edge') {
            expect(real.holds).toBeLessThanOrEqual(x);
            expect(real.fails).toBeGreaterThan(x);
            // Values have three significant digits: neighbours are up to one per cent apart.
            expect((real.fails - real.holds) / x).toBeLessThanOrEqual(0.0101);
          }
        },
      ),
    );
  });
});
