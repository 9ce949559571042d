import { describe, expect, it } from 'vitest';
import { createThinLine, thinMarks } from '../../../../src/report/charts/thin.ts';

describe('createThinLine', () => {
  it('keeps all points of a short line', () => {
    const line = createThinLine(0, 10);
    for (let x = 0; x <= 10; x++) line.add(x, x % 3);
    expect(line.points()).toHaveLength(11);
    expect(line.points()[4]).toEqual({ x: 4, y: 1 });
    expect(line.isSolid(1)).toBe(false);
  });

  it('keeps the first, lowest, highest and last point of each column, from left to right', () => {
    const line = createThinLine(0, 600);
    for (let n = 0; n < 60_000; n++) line.add(n / 100, n % 100 === 37 ? 9 : n % 100 === 80 ? -5 : 1);
    expect(line.points().slice(0, 4)).toEqual([
      { x: 0, y: 1 },
      { x: 0.37, y: 9 },
      { x: 0.8, y: -5 },
      { x: 0.99, y: 1 },
    ]);
    expect(line.points()).toHaveLength(4 * 600);
    expect([line.isSolid(14), line.isSolid(99)]).toEqual([true, false]);
  });
});

describe('thinMarks', () => {
  it('keeps one of several overlapping marks', () => {
    const marks = Array.from({ length: 5000 }, (_, n) => ({ x: n % 5, y: Math.floor(n / 5) % 2 }));
    expect(thinMarks(marks)).toHaveLength(10);
    expect(thinMarks(marks.slice(0, 20))).toHaveLength(20);
  });
});
