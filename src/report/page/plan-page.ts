import { average } from '../../plan/average.ts';
import { formatParameter } from '../../plan/parameter.ts';
import type { CapacityPlan, PlanPoint } from '../../plan/plan.ts';
import { planChart, planTitle } from '../charts/plan-chart.ts';
import { modelText } from '../client-text.ts';
import { formatMetric, percent, round } from '../format.ts';
import { describeEdge, limitUses } from '../terminal/plan-lines.ts';
import { pageChart } from './page-chart.ts';
import type { PageCommand, PageData } from './page-data.ts';
import { resolvedScenario } from './resolved-scenario.ts';

/** Returns the page of a plan: how much load fits, what fails beyond it, and the curve around it. */
export function planPage(plan: CapacityPlan, tool: string, again: readonly PageCommand[]): PageData {
  const { scenario, parameter, curve, edge, seeds } = plan;
  const marked = edge.kind === 'edge' ? curve.findIndex(({ value }) => value === edge.holds) : -1;
  return {
    kind: 'plan',
    tool,
    name: scenario.name,
    facts: `plan over ${parameter.path} · ${seeds} seeds from ${scenario.seed} · ${modelText(scenario)}`,
    outcome: 'answer',
    headline: planTitle(plan),
    story: [describeEdge(plan), ...failureSentence(plan), ...bindingSentence(plan)],
    findings: [],
    charts: [pageChart(planChart(plan))],
    leftOut: [],
    tables: [
      {
        title: 'Around the edge',
        about: `The largest ${parameter.path} that holds is marked. Each row is the mean of several seeds.`,
        columns: [parameter.path, 'calls that succeed', 'p(95) of calls', 'attempts refused', 'successful calls'],
        rows: curve.map((point) => curveRow(plan, point)),
        ...(marked >= 0 && { marked }),
      },
      missedTable(plan),
    ].filter(({ rows }) => rows.length > 0),
    scenario: resolvedScenario(scenario),
    again,
  };
}

function curveRow({ parameter }: CapacityPlan, { value, runs }: PlanPoint): string[] {
  const of = (figure: (run: PlanPoint['runs'][number]) => number): number => average(runs.map(figure));
  return [
    formatParameter(parameter, value),
    percent(1 - of(({ failed }) => failed)),
    formatMetric(of(({ p95Us }) => p95Us)),
    percent(of(({ refused }) => refused)),
    `${round(of(({ goodputPerSecond }) => goodputPerSecond))}/s`,
  ];
}

function failureSentence({ edge, beyond, parameter, seeds }: CapacityPlan): string[] {
  if (!beyond || edge.kind !== 'edge') return [];
  const failed = beyond.runs.filter(({ ok }) => !ok);
  const goals = [...new Set(failed.flatMap(({ missed }) => missed.map(({ goal }) => goal)))];
  return [
    `With ${formatParameter(parameter, beyond.value)}, ${failed.length} of ${seeds} seeds miss ${goals.join(' and ')}.`,
  ];
}

function bindingSentence({ at }: CapacityPlan): string[] {
  const [first] = at ? limitUses(at.runs) : [];
  return first ? [`The limit ${first.limit} binds: ${percent(first.share)} of what it could admit is used.`] : [];
}

function missedTable({ beyond, parameter }: CapacityPlan): PageData['tables'][number] {
  const runs = beyond?.runs.filter(({ ok }) => !ok) ?? [];
  return {
    title: beyond ? `What fails with ${parameter.path} = ${formatParameter(parameter, beyond.value)}` : '',
    columns: ['seed', 'missed'],
    rows: runs.map(({ seed, missed }) => [String(seed), [...new Set(missed.map(({ goal }) => goal))].join(', ')]),
  };
}
