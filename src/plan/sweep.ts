import { parsePerSecond } from '../../mock-server/quantity.ts';
import { loadKind } from '../load/load-kind.ts';
import { type Overrides, replaceOverrides } from '../scenario/overrides.ts';
import { average } from './average.ts';
import type { Measured } from './measured.ts';
import type { ModelTask } from './model-worker.ts';
import { createGrid, type Dimension, type GridPoint } from './vary.ts';

/** One point of a sweep, averaged over its seeds. Durations in microseconds, shares from 0 to 1. */
export interface SweepRow {
  readonly point: GridPoint;
  /** Seeds with which every goal held. */
  readonly held: number;
  readonly seeds: number;
  readonly failed: number;
  readonly p95Us: number;
  readonly goodputPerSecond: number;
  readonly attemptsPerCall: number;
  readonly refused: number;
  readonly runs: readonly Measured[];
}

export interface Sweep {
  readonly dimensions: readonly Dimension[];
  readonly rows: readonly SweepRow[];
  /** The best row: most seeds held, the largest load at which all hold, then fewest failed calls, shortest p(95), fewest attempts. */
  readonly best: SweepRow;
}

export interface SweepOptions {
  readonly file: string;
  readonly overrides: Overrides;
  readonly dimensions: readonly Dimension[];
  /** The seed of the scenario; the others follow it. */
  readonly firstSeed: number;
  readonly seeds: number;
  readonly measure: (task: ModelTask) => Promise<Measured>;
}

/** Runs the model of a scenario at every point of a grid. */
export async function sweep({ file, overrides, dimensions, firstSeed, seeds, measure }: SweepOptions): Promise<Sweep> {
  const rows = await Promise.all(
    createGrid(dimensions).map(async (point) => {
      const tasks = Array.from({ length: seeds }, (_, index) =>
        measure({ file, overrides: replaceOverrides(overrides, point), seed: firstSeed + index }),
      );
      return rowOf(point, await Promise.all(tasks));
    }),
  );
  const loads = dimensions.flatMap(({ path }) => (loadKind(path) === undefined ? [] : [path]));
  return { dimensions, rows, best: rows.reduce((best, row) => (isBetter(row, best, loads) ? row : best)) };
}

function rowOf(point: GridPoint, runs: readonly Measured[]): SweepRow {
  const of = (figure: (run: Measured) => number): number => average(runs.map(figure));
  return {
    point,
    held: runs.filter(({ ok }) => ok).length,
    seeds: runs.length,
    failed: of(({ failed }) => failed),
    p95Us: of(({ p95Us }) => p95Us),
    goodputPerSecond: of(({ goodputPerSecond }) => goodputPerSecond),
    attemptsPerCall: of(({ attemptsPerCall }) => attemptsPerCall),
    refused: of(({ refused }) => refused),
    runs,
  };
}

/** The load of a point, in VUs or arrivals per second. */
function loadOf(value: string): number {
  const perSecond = parsePerSecond(value);
  return 'value' in perSecond ? perSecond.value : Number(value);
}

function isBetter(a: SweepRow, b: SweepRow, loads: readonly string[]): boolean {
  if (a.held !== b.held) return a.held > b.held;
  // Less load is always easier: of what holds, the most.
  for (const path of a.held === a.seeds ? loads : []) {
    const [more, less] = [a, b].map(({ point }) => loadOf(point[path]!)) as [number, number];
    if (more !== less) return more > less;
  }
  if (a.failed !== b.failed) return a.failed < b.failed;
  if (a.p95Us !== b.p95Us) return a.p95Us < b.p95Us;
  return a.attemptsPerCall < b.attemptsPerCall;
}
