import { largest } from '../../analysis/statistics/extremes.ts';
import { loadKind } from '../../load/load-kind.ts';
import { average } from '../../plan/average.ts';
import type { Missed } from '../../plan/measured.ts';
import { formatParameter } from '../../plan/parameter.ts';
import type { CapacityPlan, PlanPoint } from '../../plan/plan.ts';
import { modelText } from '../client-text.ts';
import { type ChartSpec, chart, labelStyle, namedLine, type Point } from './chart-spec.ts';
import { goalText, upperBoundShare, upperBoundUs } from './goals.ts';
import { amountText } from './load-words.ts';
import { durationText, listText } from './words.ts';

/** Returns the chart of failed and refused requests and of p(95) against the load, with the bounds and what holds. */
export function planChart(plan: CapacityPlan): ChartSpec {
  const { curve, edge, scenario } = plan;
  const to = curve.at(-1)!.value;
  const holds = edge.kind === 'edge' ? edge.holds : edge.kind === 'always' ? to : undefined;
  const marked = { pointRadius: 4, pointStyle: 'circle', clip: 8 };
  const bounds = boundsOf(plan);
  const p95 = (of: PlanPoint): number => average(of.runs.map(({ p95Us }) => p95Us)) / 1e6;
  const top = 1.35 * largest([...curve.map(p95), ...bounds.p95Us.map((us) => us / 1e6)]);
  const series = (of: (point: PlanPoint) => number): Point[] =>
    curve.map((point) => ({ x: point.value, y: of(point) }));
  return chart({
    file: 'plan.png',
    title: planTitle(plan),
    subtitle: `${scenario.name}, ${modelText(scenario)}. Each point is the mean of several seeds. Shaded: every goal holds.`,
    x: { type: 'linear', title: axisTitle(plan), min: 0, max: to, ticks: { includeBounds: false } },
    y: {
      type: 'linear',
      format: 'percent',
      title: 'share',
      min: 0,
      max: 100,
      stack: 'plan',
      stackWeight: 3,
      weight: 1,
    },
    axes: {
      p95: {
        type: 'linear',
        format: 'duration',
        title: 'p(95) of calls',
        min: 0,
        max: top,
        stack: 'plan',
        stackWeight: 2,
        weight: 0,
      },
    },
    annotations: [
      ...(holds === undefined ? [] : ['y', 'p95'].flatMap((scale) => holdsMarks(plan, scale, holds))),
      ...bounds.failed.map((share) => boundLine('y', 100 * share, `goal: fewer than ${100 * share} % fail`)),
      ...bounds.p95Us.map((us) => boundLine('p95', us / 1e6, `goal: p(95) below ${durationText(us)}`)),
    ],
    datasets: [
      namedLine(
        'calls that fail',
        series(({ runs }) => 100 * average(runs.map(({ failed }) => failed))),
        '@failed',
        marked,
      ),
      namedLine(
        'requests\nrefused',
        series(({ runs }) => 100 * average(runs.map(({ refused }) => refused))),
        '@rejected',
        marked,
      ),
      namedLine('p(95)', series(p95), '@offered', { ...marked, yAxisID: 'p95' }),
    ],
    height: 680,
  });
}

/** Returns the result as a sentence: `6 users fit; with 7, 1 % or more of calls fail`. */
export function planTitle({ edge, parameter, beyond, scenario }: CapacityPlan): string {
  const amount = (value: number): string => amountText(parameter.path, formatParameter(parameter, value));
  switch (edge.kind) {
    case 'edge': {
      const goals = new Set(beyond?.runs.flatMap(({ missed }) => missed.map(({ goal }) => goal)));
      const verb = loadKind(parameter.path) === 'users' ? (edge.holds === 1 ? 'fits' : 'fit') : 'fits';
      return `${amount(edge.holds)} ${verb}; with ${formatParameter(parameter, edge.fails)}, ${listText([...goals].map(goalText))}`;
    }
    case 'always':
      return `Every goal holds up to ${amount(edge.upTo)}`;
    case 'never':
      return `Even ${amount(edge.downTo)} ${edge.downTo === 1 ? 'misses' : 'miss'} a goal of ${scenario.name}`;
  }
}

function axisTitle({ parameter }: CapacityPlan): string {
  const kind = loadKind(parameter.path);
  if (kind === 'users') return 'users (VUs)';
  if (kind === 'rate') return parameter.unit === '' ? 'arrivals per second' : `arrivals ${parameter.unit}`;
  return kind === 'scale' ? 'calls, as a multiple of the trace' : parameter.path;
}

/** The bounds of the scenario's thresholds, and of goals that a run missed. */
function boundsOf({ scenario, curve, beyond }: CapacityPlan): { failed: number[]; p95Us: number[] } {
  const missed = [...curve, ...(beyond ? [beyond] : [])].flatMap(({ runs }) => runs.flatMap((run) => run.missed));
  const goals = new Set([
    ...scenario.thresholds.map(({ metric, expression }) => `${metric} ${expression}`),
    ...missed.map(({ goal }: Missed) => goal),
  ]);
  const of = (prefix: string, bound: (expression: string) => number | undefined): number[] =>
    [...goals].flatMap((goal) => {
      const value = goal.startsWith(prefix) ? bound(goal.slice(prefix.length)) : undefined;
      return value === undefined ? [] : [value];
    });
  return {
    failed: of('call_failed ', upperBoundShare),
    p95Us: of('call_duration ', (text) => (/^p\(?95\)?\s*</.test(text) ? upperBoundUs(text) : undefined)),
  };
}

function holdsMarks({ edge, parameter }: CapacityPlan, yScaleID: string, holds: number): object[] {
  const box = {
    type: 'box',
    yScaleID,
    xMin: 0,
    xMax: holds,
    backgroundColor: '@admitted 13%',
    borderWidth: 0,
    drawTime: 'beforeDatasetsDraw',
  };
  if (edge.kind !== 'edge') return [box];
  const label =
    yScaleID === 'y'
      ? { ...labelStyle(amountText(parameter.path, formatParameter(parameter, holds))), position: 'end' }
      : {};
  return [box, { type: 'line', yScaleID, xMin: holds, xMax: holds, borderColor: '@admitted', borderWidth: 2, label }];
}

function boundLine(yScaleID: string, y: number, text: string): object {
  return {
    type: 'line',
    yScaleID,
    yMin: y,
    yMax: y,
    borderColor: '@limit',
    borderWidth: 1.5,
    borderDash: [10, 6],
    label: { ...labelStyle(text), position: 'end', yAdjust: -13 },
  };
}
