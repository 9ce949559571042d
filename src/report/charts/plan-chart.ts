import { average } from '../../plan/average.ts';
import { written } from '../../plan/knob.ts';
import type { Plan, PlanPoint } from '../../plan/plan.ts';
import { headline } from '../terminal/plan-lines.ts';
import { type ChartSpec, COLOURS, chart, line, type Point } from './chart-spec.ts';

/** Load against success, refusals and p95, with the edge marked: where it breaks, and how. */
export function planChart(plan: Plan): ChartSpec {
  const { curve, edge, knob } = plan;
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
    right: { type: 'linear', title: 'p(95) of calls (s)', beginAtZero: true },
    datasets: [
      line(
        'calls that succeed',
        series(({ runs }) => 100 * (1 - average(runs.map(({ failed }) => failed)))),
        COLOURS.admitted,
        extra,
      ),
      line(
        'attempts refused',
        series(({ runs }) => 100 * average(runs.map(({ refused }) => refused))),
        COLOURS.rejected,
        extra,
      ),
      line(
        'p(95), on the right',
        series(({ runs }) => average(runs.map(({ p95Us }) => p95Us)) / 1e6),
        COLOURS.offered,
        {
          ...extra,
          yAxisID: 'right',
          borderDash: [4, 4],
        },
      ),
      ...(edge.kind === 'edge' ? [verticalLine(`the edge, ${written(knob, edge.holds)}`, edge.holds)] : []),
    ],
  });
}

function axisTitle({ knob }: Plan): string {
  if (knob.path.endsWith('.vus')) return 'VUs';
  if (knob.path.endsWith('.rate'))
    return knob.unit === '' || knob.unit === '/s' ? 'arrivals per second' : `arrivals ${knob.unit}`;
  return knob.path;
}

function verticalLine(label: string, x: number): object {
  const data = [
    { x, y: 0 },
    { x, y: 100 },
  ];
  return line(label, data, COLOURS.limit, { borderDash: [10, 6], borderWidth: 2 });
}
