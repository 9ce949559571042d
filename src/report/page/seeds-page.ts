import type { Verdict } from '../../analysis/judging/verdict.ts';
import { hasPassed, type Leniency } from '../../analysis/pass-rule.ts';
import type { Run } from '../../analysis/run/run-view.ts';
import type { SeedResult, SeedSpread } from '../../analysis/spread.ts';
import type { ChartSpec } from '../charts/chart-spec.ts';
import { clientText } from '../client-text.ts';

import { formatFigure } from '../format.ts';
import { pageChart } from './page-chart.ts';
import type { PageCommand, PageData } from './page-data.ts';
import { headlineOf, runFindings } from './page-findings.ts';
import { resolvedScenario } from './resolved-scenario.ts';

interface SeedsPageOptions {
  readonly header: Run['header'];
  readonly seeds: readonly SeedResult[];
  readonly spread: SeedSpread;
  /** The combined verdicts of all seeds. */
  readonly verdicts: readonly Verdict[];
  readonly charts: readonly ChartSpec[];
  readonly leniency?: Leniency;
  readonly again: readonly PageCommand[];
}

/** Returns the page of several seeds: what fails over all of them, and how far their figures lie apart. */
export function seedsPage({
  header,
  seeds,
  spread,
  verdicts,
  charts,
  leniency = {},
  again,
}: SeedsPageOptions): PageData {
  const { scenario, tool } = header;
  const thresholds = seeds.map(({ seed, analysis }) => ({ seed, thresholds: analysis.thresholds }));
  const findings = runFindings(verdicts, thresholds, leniency);
  const passed = seeds.filter(({ analysis }) => hasPassed(analysis, leniency)).length;
  return {
    kind: 'seeds',
    tool,
    name: scenario.name,
    facts: `${clientText(header)} · ${seeds.length} seeds from ${seeds[0]!.seed}`,
    ...headlineOf(findings, false),
    story: [
      `${passed} of ${seeds.length} seeds passed by themselves; verdicts and thresholds below are of all of them.`,
    ],
    findings,
    charts: charts.map(pageChart),
    leftOut: [],
    tables: [
      {
        title: 'Spread over the seeds',
        columns: ['figure', 'least', 'median', 'most', ...seeds.map(({ seed }) => `seed ${seed}`)],
        rows: spread.figures.map(({ name, unit, min, median, max, values }) => [
          name,
          ...[min, median, max, ...values].map((value) => formatFigure(value, unit)),
        ]),
      },
    ],
    scenario: resolvedScenario(scenario),
    again,
  };
}
