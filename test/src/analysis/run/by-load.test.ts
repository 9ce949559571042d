import { describe, expect, it } from 'vitest';
import { computeLoadFigures } from '../../../../src/analysis/run/by-load.ts';
import type { Executor } from '../../../../src/load/executors.ts';
import { header, runOf, strip } from '../strip.ts';

const load = (vus: number, name?: string): Executor => ({
  executor: 'constant-vus',
  ...(name !== undefined && { name }),
  vus,
  durationUs: 1_000_000,
  startUs: 0,
  gracefulStopUs: 0,
  wait: { kind: 'none' },
});

/** a and b belong to the first load, c and d to the second, e to the unnamed load. */
const timeline = strip(`
  a.1 0-10 429 ra=3000
  a.2 3010-3020 429 ra=1000
  a.3 4020-4200 200
  b.1 0-10 429
  b.2 510-530 500
  c.1 0-40 200
  d.1 0-20 429 ra=5000
  e.1 0-99 429 ra=9000
  => b error
  => d open
`);
const named = (...loads: Executor[]) => runOf(timeline, { head: header(undefined, { load: loads }) });

describe('computeLoadFigures', () => {
  it('returns the figures of each named load in the order of the scenario', () => {
    expect(computeLoadFigures(named(load(2, 'eager'), load(2, 'calm'), load(1)))).toEqual([
      {
        load: 'eager',
        calls: 2,
        succeeded: 1,
        failed: 1,
        unfinished: 0,
        attempts: 5,
        refused: 3,
        requestedWaitUs: 2_000_000,
        waitedUs: 1_000_000,
        p95Us: 4_200_000 - 0.05 * (4_200_000 - 530_000),
      },
      {
        load: 'calm',
        calls: 2,
        succeeded: 1,
        failed: 0,
        unfinished: 1,
        attempts: 2,
        refused: 1,
        requestedWaitUs: 5_000_000,
        waitedUs: null,
        p95Us: 40_000,
      },
    ]);
  });

  it('measures duration from the scheduled start', () => {
    const late = timeline.map((record) => (record.type === 'call' ? { ...record, scheduledUs: -60_000 } : record));
    const run = runOf(late, { head: header(undefined, { load: [load(2, 'eager'), load(2, 'calm')] }) });
    expect(computeLoadFigures(run)[1]).toMatchObject({ p95Us: 100_000 });
  });

  it('merges loads of one name; a load without calls has no samples', () => {
    const figures = computeLoadFigures(named(load(2, 'same'), load(3, 'same'), load(1, 'idle')));
    expect(figures.map(({ load: name, calls, succeeded }) => [name, calls, succeeded])).toEqual([
      ['same', 5, 2],
      ['idle', 0, 0],
    ]);
    expect(figures[1]).toEqual({
      load: 'idle',
      calls: 0,
      succeeded: 0,
      failed: 0,
      unfinished: 0,
      attempts: 0,
      refused: 0,
      requestedWaitUs: null,
      waitedUs: null,
      p95Us: null,
    });
  });

  it('returns nothing without named loads', () => {
    expect(computeLoadFigures(named(load(5)))).toEqual([]);
  });
});
