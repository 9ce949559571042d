import { expect, it } from 'vitest';
import { createGrid, parseVary } from '../../../src/plan/vary.ts';

it('every combination, the last dimension varying fastest', () => {
  expect(createGrid([parseVary('a=1..2'), parseVary('b=x,y')])).toEqual([
    { a: '1', b: 'x' },
    { a: '1', b: 'y' },
    { a: '2', b: 'x' },
    { a: '2', b: 'y' },
  ]);
});

it('a grid that would never end is refused at once', () => {
  const flags = ['a=0..999', 'b=0..999', 'c=0..999'].map(parseVary);
  expect(() => createGrid(flags)).toThrow(
    expect.objectContaining({
      code: 'plan/bad-range',
      problems: [expect.objectContaining({ message: 'makes a grid of 1000000000 points; a sweep has at most 10000' })],
    }),
  );
});
