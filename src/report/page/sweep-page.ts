import type { Run } from '../../analysis/run/run-view.ts';
import type { Sweep } from '../../plan/sweep.ts';
import type { ChartSpec } from '../charts/chart-spec.ts';
import { sweepTitle } from '../charts/sweep-chart.ts';
import { modelText } from '../client-text.ts';
import { percent } from '../format.ts';
import { SWEEP_FIGURES } from '../terminal/sweep-lines.ts';
import { pageChart } from './page-chart.ts';
import type { PageCommand, PageData } from './page-data.ts';
import { resolvedScenario } from './resolved-scenario.ts';

interface SweepPageOptions {
  readonly scenario: Run['header']['scenario'];
  readonly charts: readonly ChartSpec[];
  readonly tool: string;
  readonly again: readonly PageCommand[];
}

/** Returns the page of a sweep: the best setting, the map, and every setting that was tried. */
export function sweepPage(sweep: Sweep, { scenario, charts, tool, again }: SweepPageOptions): PageData {
  const { dimensions, rows, best } = sweep;
  const paths = dimensions.map(({ path }) => path);
  const holding = rows.filter(({ held, seeds }) => held === seeds).length;
  return {
    kind: 'sweep',
    tool,
    name: scenario.name,
    facts: `sweep over ${paths.join(' and ')} · ${best.seeds} seeds each · ${modelText(scenario)}`,
    outcome: 'answer',
    headline: sweepTitle(sweep),
    story: [
      `${holding} of ${rows.length} settings held every goal with every seed. ` +
        `With the best one, ${percent(best.failed)} of calls failed, and every goal held with ${best.held} of ${best.seeds} seeds.`,
    ],
    findings: [],
    charts: charts.map(pageChart),
    leftOut: [],
    tables: [
      {
        title: 'Every setting',
        about: 'The best is marked.',
        columns: [...paths, ...SWEEP_FIGURES.map(({ about }) => about), 'seeds that held'],
        rows: rows.map((row) => [
          ...paths.map((path) => String(row.point[path])),
          ...SWEEP_FIGURES.map(({ of, show }) => show(of(row))),
          `${row.held}/${row.seeds}`,
        ]),
        marked: rows.indexOf(best),
      },
    ],
    scenario: resolvedScenario(scenario),
    again,
  };
}
