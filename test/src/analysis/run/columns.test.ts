import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodedColumn, NumberColumn } from '../../../../src/analysis/run/columns.ts';
import { topBy } from '../../../../src/analysis/statistics/top-by.ts';

const anyNumber = fc.oneof(
  fc.integer(),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);

describe('NumberColumn', () => {
  it('returns the stored values, and undefined for empty rows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(40_000), fc.option(anyNumber, { nil: undefined })), { maxLength: 60 }),
        (puts) => {
          const column = new NumberColumn();
          const kept = new Map<number, number>();
          for (const [row, value] of puts) {
            column.put(row, value);
            if (value !== undefined) kept.set(row, value);
          }
          for (const [row] of puts) expect(column.at(row)).toBe(Object.is(kept.get(row), -0) ? 0 : kept.get(row));
          expect(column.at(1_000_000)).toBeUndefined();
        },
      ),
    );
  });
});

describe('CodedColumn', () => {
  it.each([3, 300, 70_000])('stores %i distinct values', (count) => {
    const column = new CodedColumn<string>();
    for (let row = 0; row < count; row++) if (row !== 1) column.put(row, `value ${row}`);
    column.put(count, 'value 0');
    expect([0, 1, 2, count - 1, count, count + 1].map((row) => column.at(row))).toEqual([
      'value 0',
      undefined,
      'value 2',
      `value ${count - 1}`,
      'value 0',
      undefined,
    ]);
  });

  it('distinguishes false from an empty row', () => {
    const column = new CodedColumn<boolean>();
    column.put(0, false);
    column.put(2, true);
    column.put(3, undefined);
    expect([0, 1, 2, 3].map((row) => column.at(row))).toEqual([false, undefined, true, undefined]);
  });
});

describe('topBy', () => {
  it('returns the largest items in descending order, ties in input order', () => {
    const items = fc.array(fc.record({ value: fc.integer({ min: 0, max: 20 }), id: fc.nat() }), { maxLength: 50 });
    fc.assert(
      fc.property(items, fc.integer({ min: 1, max: 12 }), (all, most) => {
        const sorted = all.toSorted((a, b) => b.value - a.value).slice(0, most);
        expect(topBy(all, ({ value }) => value, most)).toEqual(sorted);
      }),
    );
  });
});
