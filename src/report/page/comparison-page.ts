import type { Comparison, SideInfo } from '../../comparison/compare.ts';
import type { ChartSpec } from '../charts/chart-spec.ts';
import { comparisonChecks } from '../comparison-checks.ts';
import { describeChange, formatChange, formatFigureValue } from '../figure-change.ts';
import { pageChart } from './page-chart.ts';
import type { PageCommand, PageData } from './page-data.ts';
import { checkFinding } from './page-findings.ts';

interface ComparisonPageOptions {
  /** As the user named them. */
  readonly sides: { readonly base: string; readonly candidate: string };
  readonly charts?: readonly ChartSpec[];
  readonly tool: string;
  readonly again: readonly PageCommand[];
}

/** Returns the page of a comparison: what got worse, what changed, and every figure. */
export function comparisonPage(comparison: Comparison, options: ComparisonPageOptions): PageData {
  const { figures, verdicts, thresholds, regressions, scenario, time } = comparison;
  const { sides, charts = [], tool, again } = options;
  const better = figures.filter(({ went }) => went === 'better').length;
  const worse = figures.filter(({ went }) => went === 'worse').length;
  const turned = verdicts.length + thresholds.length;
  return {
    kind: 'comparison',
    tool,
    name: scenario,
    facts: `${sides.candidate} (${seedsText(comparison.candidate)}) against ${sides.base} (${seedsText(comparison.base)}) · ${time} time`,
    outcome: regressions.length > 0 ? 'failed' : 'passed',
    headline:
      regressions.length > 0 ? `${regressions.slice(0, 3).join(', ')} got worse` : 'nothing got worse than allowed',
    story: [
      `Of ${figures.length} figures, ${worse} got worse and ${better} got better; ${regressions.length} got worse by more than is allowed. ` +
        `${turned === 0 ? 'No verdict and no threshold' : turned === 1 ? 'One verdict or threshold' : `${turned} verdicts and thresholds`} changed.`,
    ],
    findings: comparisonChecks(comparison).map((check) => checkFinding(check)),
    charts: charts.map(pageChart),
    leftOut: [],
    tables: [
      {
        title: 'Figures',
        columns: ['figure', 'before', 'after', 'change', 'certainty', 'allowed'],
        rows: figures.map((figure) => [
          figure.name,
          formatFigureValue(figure, figure.base),
          formatFigureValue(figure, figure.candidate),
          formatChange(figure),
          describeChange(figure),
          figure.allowed ?? '',
        ]),
      },
    ],
    again,
  };
}

function seedsText({ seeds }: SideInfo): string {
  return seeds.length === 1 ? `seed ${seeds[0]}` : `${seeds.length} seeds`;
}
