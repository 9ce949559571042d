import { loadKind } from '../../load/load-kind.ts';
import { average } from '../../plan/average.ts';
import type { Bound } from '../../plan/bound.ts';
import type { Measured, Missed } from '../../plan/measured.ts';
import { formatParameter } from '../../plan/parameter.ts';
import type { CapacityPlan, PlanPoint } from '../../plan/plan.ts';
import { assumedText, modelText } from '../client-text.ts';
import { formatMetric, percent, round } from '../format.ts';
import { paintFor } from './paint.ts';
import type { Result } from './result-line.ts';
import { tableLines } from './table-lines.ts';
import type { TerminalOptions } from './terminal.ts';
import { columnsOf, indented } from './wrap.ts';

/** Returns a plan as text: the largest value that holds, what fails beyond it, which limit binds, and the arithmetic. */
export function planSummary(plan: CapacityPlan, { color, width, full }: TerminalOptions): string {
  const paint = paintFor(color);
  const { scenario, seeds, parameter } = plan;
  const wide = columnsOf(width);
  const head = `${seeds} seeds from ${scenario.seed}, ${modelText(scenario)}${assumedText(scenario)}`;
  const parts = [
    [`  ${paint.strong(scenario.name)}`, ...indented(head, wide, 2).map(paint.quiet)],
    indented(describeEdge(plan), wide, 2).map(paint.strong),
    plan.beyond && plan.edge.kind === 'edge'
      ? failureLines(plan.beyond, formatParameter(parameter, plan.beyond.value), seeds, wide)
      : [],
    plan.at ? bindingLines(plan.at, wide) : [],
    plan.bounds.slice(0, full ? 2 : 1).flatMap((bound) => indented(arithmeticText(bound), wide, 2)),
    tableLines([
      [plan.parameter.path, 'succeed', 'p(95)', 'refused', 'goodput', ''],
      ...(full ? plan.curve : aroundEdge(plan)).map((point) => curveRow(plan, point)),
    ]).map((line) => `    ${line}`),
  ];
  return `\n${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n\n`;
}

/** Points of the curve that are shown on either side of the edge. */
const AROUND_EDGE = 4;

/** Returns the points of the curve that stand next to the edge; all of them without one. */
function aroundEdge({ curve, edge }: CapacityPlan): readonly PlanPoint[] {
  if (edge.kind !== 'edge') return curve;
  const at = curve.findIndex(({ value }) => value === edge.holds);
  return curve.slice(Math.max(0, at - AROUND_EDGE), at + AROUND_EDGE + 1);
}

/** Returns the result of a plan; `confirmed`: whether the client itself met every goal there, if it was run. */
export function planResult(plan: CapacityPlan, confirmed?: boolean): Result {
  const { scenario, seeds } = plan;
  const facts = [seeds === 1 ? `seed ${scenario.seed}` : `${seeds} seeds from ${scenario.seed}`];
  const because = [describeEdge(plan).replace(/\.$/, '')];
  if (confirmed === undefined) return { outcome: 'DONE', because, facts };
  const said = confirmed ? 'the client itself meets every goal there' : 'the client itself misses a goal there';
  return { outcome: confirmed ? 'PASSED' : 'FAILED', because: [...because, said], facts };
}

/** Returns the result in one sentence. */
export function describeEdge({ edge, parameter, scenario, seeds }: CapacityPlan): string {
  switch (edge.kind) {
    case 'edge':
      return `${loadText(parameter.path, formatParameter(parameter, edge.holds))} ${verb(parameter.path, edge.holds)}: every goal held with ${seeds} of ${seeds} seeds.`;
    case 'always':
      return `Every goal holds at every ${parameter.path} tried, up to ${formatParameter(parameter, edge.upTo)}: no limit binds, or no goal depends on it.`;
    case 'never':
      return `Even ${parameter.path} = ${formatParameter(parameter, edge.downTo)} fails: less load alone cannot meet the goals of ${scenario.name}.`;
  }
}

function loadText(path: string, value: string): string {
  if (path.endsWith('.vus')) return value === '1' ? '1 VU' : `${value} VUs`;
  if (path.endsWith('.rate')) return /\//.test(value) ? value : `${value}/s`;
  if (loadKind(path) === 'scale') return `${value} × the trace`;
  return `${path} = ${value}`;
}

function verb(path: string, value: number): string {
  if (path.endsWith('.vus')) return value === 1 ? 'fits' : 'fit';
  return path.endsWith('.rate') || loadKind(path) === 'scale' ? 'fits' : 'is the largest that holds';
}

/** Returns the goals that fail at the next value, and how often. */
function failureLines({ runs }: PlanPoint, value: string, seeds: number, width: number): string[] {
  const failed = runs.filter(({ ok }) => !ok);
  const goals = Map.groupBy(
    failed.flatMap(({ missed }) => missed),
    ({ goal }) => goal,
  );
  const goalTexts = [...goals].map(([goal, all]) => `${goal} (${all.map(formatObserved).slice(0, 3).join(', ')})`);
  return indented(`With ${value}, ${failed.length} of ${seeds} seeds failed: ${goalTexts.join('; ')}.`, width, 2);
}

/** Formats the observed value of a missed goal in its unit. */
export function formatObserved({ observed: value, unit }: Missed): string {
  if (value === null) return 'no data';
  return unit === 'us' ? formatMetric(value) : unit === 'share' ? percent(value) : round(value);
}

/** Returns the most used limit at the edge, and the others. */
function bindingLines({ runs }: PlanPoint, width: number): string[] {
  const used = limitUses(runs);
  const [first, ...others] = used;
  if (!first) return indented('No limit applies.', width, 2);
  const refused = percent(average(runs.map((run) => run.refused)));
  const rest = others.map(({ limit, share }) => `${limit} ${percent(share)}`).join(', ');
  const text = `${first.limit} binds: ${percent(first.share)} of what it could admit is used, and ${refused} of attempts are refused${rest ? `. Others: ${rest}` : ''}.`;
  return indented(text, width, 2);
}

/** Returns the used share of each limit, most used first. */
export function limitUses(runs: readonly Measured[]): { limit: string; share: number }[] {
  return (runs[0]?.limits ?? [])
    .flatMap(({ limit }) => {
      const shares = runs.flatMap(({ limits }) => {
        const use = limits.find((candidate) => candidate.limit === limit);
        return use?.admissible ? [use.admitted / use.admissible] : [];
      });
      return shares.length === 0 ? [] : [{ limit, share: average(shares) }];
    })
    .sort((a, b) => b.share - a.share);
}

function arithmeticText({ limit, unit, unitsPerSecond, costPerCall, callsPerSecond, vus, turnUs }: Bound): string {
  const cost = unit === 'requests' ? '' : ` ÷ ${round(costPerCall)} per call`;
  // What the full bucket adds is why this is above the refill rate.
  const rate = `${limit}: ${round(unitsPerSecond)} ${unit}/s, the full bucket at the start included,${cost} = ${round(callsPerSecond)} calls/s`;
  if (vus === undefined) return `By arithmetic ${rate}.`;
  return `By arithmetic ${rate}; × ${formatMetric(turnUs!)} from call to call = ${Math.floor(vus)} VUs (Little's law).`;
}

function curveRow({ parameter, edge }: CapacityPlan, { value, runs }: PlanPoint): string[] {
  const mark = edge.kind === 'edge' && value === edge.holds ? '◂ edge' : '';
  return [
    formatParameter(parameter, value),
    percent(1 - average(runs.map(({ failed }) => failed))),
    formatMetric(average(runs.map(({ p95Us }) => p95Us))),
    percent(average(runs.map(({ refused }) => refused))),
    `${round(average(runs.map(({ goodputPerSecond }) => goodputPerSecond)))}/s`,
    mark,
  ];
}
