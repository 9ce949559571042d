import { average } from '../../plan/average.ts';
import { formatParameter } from '../../plan/parameter.ts';
import type { CapacityPlan, PlanPoint } from '../../plan/plan.ts';
import { headline } from '../terminal/plan-lines.ts';
import { type ChartSpec, chart, line, type Point } from './chart-spec.ts';

/** Returns the chart of success, refusals and p95 against the load, with the edge marked. */
export function planChart(plan: CapacityPlan): ChartSpec {
  const { curve, edge, parameter } = plan;
  const series = (of: (point: PlanPoint) => number): Point[] =>
    curve.map((point) => ({ x: point.value, y: of(point) }));
  const to = curve.at(-1)!.value;
  const extra = { pointRadius: 4, pointStyle: 'circle', clip: 8 };
  return chart({
    file: 'plan.png',
    title: headline(plan),
    subtitle: `${plan.scenario.name}, a model of ${plan.scenario.client.model.name}. Each point is the mean of several seeds.`,
    x: { type: 'linear', title: axisTitle(plan), min: 0, max: to },
    y: { type: 'linear', title: 'share (%)', min: 0, max: 100 },
    axes: {
      right: {
        type: 'linear',
        title: 'p(95) of calls (s)',
        beginAtZero: true,
        position: 'right',
        grid: { drawOnChartArea: false },
      },
    },
    datasets: [
      line(
        'successful calls',
        series(({ runs }) => 100 * (1 - average(runs.map(({ failed }) => failed)))),
        '@admitted',
        extra,
      ),
      line(
        'refused attempts',
        series(({ runs }) => 100 * average(runs.map(({ refused }) => refused))),
        '@rejected',
        extra,
      ),
      line(
        'p(95), right axis',
        series(({ runs }) => average(runs.map(({ p95Us }) => p95Us)) / 1e6),
        '@offered',
        {
          ...extra,
          yAxisID: 'right',
          borderDash: [4, 4],
        },
      ),
      ...(edge.kind === 'edge' ? [verticalLine(`edge, ${formatParameter(parameter, edge.holds)}`, edge.holds)] : []),
    ],
  });
}

function axisTitle({ parameter }: CapacityPlan): string {
  if (parameter.path.endsWith('.vus')) return 'VUs';
  if (parameter.path.endsWith('.rate'))
    return parameter.unit === '' || parameter.unit === '/s' ? 'arrivals per second' : `arrivals ${parameter.unit}`;
  return parameter.path;
}

function verticalLine(label: string, x: number): object {
  const data = [
    { x, y: 0 },
    { x, y: 100 },
  ];
  return line(label, data, '@limit', { borderDash: [10, 6], borderWidth: 2 });
}
