import { describe, expect, it } from 'vitest';
import {
  casesToFail,
  isExact,
  statusByInstance,
  statusByShare,
} from '../../../../src/analysis/judging/how-much-is-proof.ts';
import type { Run } from '../../../../src/analysis/run/run-view.ts';
import { header, runOf, strip } from '../strip.ts';

/** A run in the given time; only its header decides how much is proof. */
const runIn = (time: 'virtual' | 'model' | 'wall' | 'scaled'): Run =>
  runOf(strip('a.1 0-10 200'), { head: { ...header(), time } });

describe('by instance', () => {
  it.each([
    ['virtual', 1, 1],
    ['model', 100, 1],
    ['wall', 1, 2],
    ['wall', 20, 2],
    ['wall', 21, 3],
    ['scaled', 100, 10],
  ] as const)('%s time, %i cases: %i wrong ones fail', (time, n, cases) => {
    const run = runIn(time);
    expect(isExact(run)).toBe(time === 'virtual' || time === 'model');
    expect(casesToFail(run, n)).toBe(cases);
    expect(statusByInstance(run, cases, n)).toBe('fail');
    expect(statusByInstance(run, 0, n)).toBe('pass');
    if (cases > 1) expect(statusByInstance(run, cases - 1, n)).toBe('warn');
  });

  it('recordings and programs have no exact time, whatever their header says', () => {
    const head = { ...header(), time: 'virtual' as const, program: { missing: [], variables: [] } };
    expect(isExact(runOf(strip('a.1 0-10 200'), { head }))).toBe(false);
  });
});

describe('by share', () => {
  const bounds = { warn: 0.01, fail: 0.1 };
  it.each([
    // In exact time the share decides, however few the calls.
    ['virtual', 0, 3, 'pass'],
    ['virtual', 1, 10, 'warn'],
    ['virtual', 1, 3, 'fail'],
    // On a machine 2 of 10 may still be 8 %; 4 of 10 are at least 19 %.
    ['wall', 0, 3, 'pass'],
    ['wall', 2, 10, 'warn'],
    ['wall', 4, 10, 'fail'],
  ] as const)('%s time, %i of %i: %s', (time, hits, n, status) => {
    const judged = statusByShare(runIn(time), hits, n, bounds);
    expect(judged).toMatchObject({ status, figure: hits / n });
    expect(judged.interval.low).toBeLessThanOrEqual(hits / n);
    expect(judged.interval.high).toBeGreaterThan(hits / n);
  });
});
