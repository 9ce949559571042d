import { describe, expect, it } from 'vitest';
import type { Measured } from '../../../../src/plan/measured.ts';
import type { CapacityPlan } from '../../../../src/plan/plan.ts';
import type { Sweep, SweepRow } from '../../../../src/plan/sweep.ts';
import type { ChartSpec } from '../../../../src/report/charts/chart-spec.ts';
import { goalText, upperBoundShare, upperBoundUs } from '../../../../src/report/charts/goals.ts';
import { planChart } from '../../../../src/report/charts/plan-chart.ts';
import { sweepCharts } from '../../../../src/report/charts/sweep-chart.ts';
import { SWEEP_FIGURES } from '../../../../src/report/terminal/sweep-lines.ts';

const GOAL = 'call_failed rate<0.01';

const measured = (failed: number): Measured =>
  ({
    ok: failed < 0.01,
    missed: failed < 0.01 ? [] : [{ goal: GOAL, observed: failed, unit: 'share' }],
    failed,
    refused: 2 * failed,
    p95Us: 2e6,
  }) as unknown as Measured;

const row = (point: Record<string, string>, failed: number): SweepRow =>
  ({
    point,
    held: failed < 0.01 ? 3 : 0,
    seeds: 3,
    failed,
    p95Us: 2e6,
    runs: [measured(failed)],
  }) as unknown as SweepRow;

const VUS = 'load[0].vus';
const CAPACITY = 'provider.limits.requests.capacity';

/** Users that fit: as many as the capacity. */
function capacitySweep(): Sweep {
  const dimensions = [
    { path: VUS, values: ['5', '10', '20'] },
    { path: CAPACITY, values: ['5', '10'] },
  ];
  const rows = dimensions[0]!.values.flatMap((users) =>
    dimensions[1]!.values.map((capacity) =>
      row({ [VUS]: users, [CAPACITY]: capacity }, Number(users) <= Number(capacity) ? 0 : 0.2),
    ),
  );
  return { dimensions, rows, best: rows[0]! };
}

// biome-ignore lint/suspicious/noExplicitAny: options of a plug-in.
const annotationsOf = ({ config }: ChartSpec): any[] => (config.options as any).plugins.annotation.annotations;

describe('sweep', () => {
  const [map, capacity] = sweepCharts('article', capacitySweep(), SWEEP_FIGURES[0]!);

  it('says how much load fits; a load is never the best one', () => {
    expect(map!.title).toBe('At most 10 users meet every goal, with requests capacity 10');
    expect(map!.title).not.toContain('best');
  });

  it('outlines the cells that hold: every edge of their region once', () => {
    // Held are (5, 5), (5, 10) and (10, 10), a corner of three cells: its edge has eight sides.
    expect(annotationsOf(map!)).toHaveLength(8);
  });

  it('draws how many users fit for each value of the setting', () => {
    expect(capacity!.title).toBe('requests capacity 5 fits 5 users, 10 fits 10 users');
    expect(capacity!.config.data.datasets[0]!.data).toEqual([
      { x: '5', y: 5 },
      { x: '10', y: 10 },
    ]);
  });

  it('of one setting draws the goal, and shades where every goal holds', () => {
    const values = ['0', '1', '2'];
    const rows = values.map((retries) => row({ 'client.retries.max': retries }, retries === '2' ? 0 : 0.5));
    const sweep = { dimensions: [{ path: 'client.retries.max', values }], rows, best: rows[2]! };
    const [line] = sweepCharts('article', sweep, SWEEP_FIGURES[0]!);
    expect(line!.title).toBe('retries max = 2 meets every goal with the fewest failed calls');
    expect(annotationsOf(line!)).toMatchObject([
      { type: 'box', xMin: 1.5, xMax: 2 },
      { yMin: 1, yMax: 1 },
    ]);
  });
});

describe('plan', () => {
  const at = (value: number, failed: number) => ({ value, runs: [measured(failed)] });
  const plan = {
    scenario: {
      name: 'article',
      client: { model: { name: 'openai-node' } },
      thresholds: [{ metric: 'call_duration', expression: 'p(95)<20s' }],
    },
    parameter: { path: VUS, value: 20, unit: '' },
    edge: { kind: 'edge', holds: 6, fails: 7 },
    seeds: 3,
    beyond: at(7, 0.02),
    bounds: [],
    curve: [at(3, 0), at(6, 0), at(7, 0.02), at(12, 0.3)],
  } as unknown as CapacityPlan;
  const chart = planChart(plan);

  it('says how many users fit, and what goes wrong with one more', () => {
    expect(chart.title).toBe('6 users fit; with 7, 1 % or more of calls fail');
  });

  it('draws both bounds, and shades what holds in both panels', () => {
    const marks = annotationsOf(chart);
    expect(marks.filter(({ type }) => type === 'box')).toMatchObject([{ xMax: 6 }, { xMax: 6 }]);
    expect(marks.filter(({ yMin, xMin }) => yMin !== undefined && xMin === undefined)).toMatchObject([
      { yScaleID: 'y', yMin: 1 },
      { yScaleID: 'p95', yMin: 20 },
    ]);
  });
});

describe('goals in words', () => {
  it.each([
    [GOAL, '1 % or more of calls fail'],
    ['call_duration p(95)<1m30s', 'p(95) of calls is over 1:30 min'],
    ['amplifies-load', 'amplifies-load fails'],
  ])('%s: %s', (goal, text) => {
    expect(goalText(goal)).toBe(text);
  });

  it('bounds are read as k6 writes them, and lower bounds are none', () => {
    expect([upperBoundUs('p(95)<20s'), upperBoundUs('p(95)<500'), upperBoundUs('p(95)>1s')]).toEqual([
      20e6,
      500_000,
      undefined,
    ]);
    expect([upperBoundShare('rate<1%'), upperBoundShare('rate<0.05'), upperBoundShare('rate>0.5')]).toEqual([
      0.01,
      0.05,
      undefined,
    ]);
  });
});
