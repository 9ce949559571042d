import { average } from '../../plan/average.ts';
import type { Bound } from '../../plan/bound.ts';
import { written } from '../../plan/knob.ts';
import type { Measured, Missed } from '../../plan/measured.ts';
import type { Plan, PlanPoint } from '../../plan/plan.ts';
import { formatMetric, percent, round } from '../format.ts';
import { paintFor } from './paint.ts';
import { tableLines } from './table-lines.ts';
import { indented } from './wrap.ts';

/** What a plan found, for a terminal: the number, what breaks beyond it, what binds, and what arithmetic says. */
export function planSummary(plan: Plan, { color, width }: { color: boolean; width: number }): string {
  const paint = paintFor(color);
  const { scenario, seeds, knob } = plan;
  const wide = Math.max(80, width);
  const assumed = scenario.client.assumed
    ? `, assumed to stand for ${scenario.client.written} (client.model says another)`
    : '';
  const head = `${seeds} seeds from ${scenario.seed} on, a model of ${scenario.client.model.name}${assumed}`;
  const parts = [
    [`  ${paint.strong(scenario.name)}`, ...indented(head, wide, 2).map(paint.quiet)],
    indented(answer(plan), wide, 2).map(paint.strong),
    plan.beyond && plan.edge.kind === 'edge'
      ? breaking(plan.beyond, written(knob, plan.beyond.value), seeds, wide)
      : [],
    plan.at ? binding(plan.at, wide) : [],
    plan.bounds.slice(0, 2).flatMap((bound) => indented(arithmetic(bound), wide, 2)),
    tableLines([
      [plan.knob.path, 'succeed', 'p(95)', 'refused', 'goodput', ''],
      ...plan.curve.map((point) => curveRow(plan, point)),
    ]).map((line) => `    ${line}`),
  ];
  return `\n${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n\n`;
}

/** The answer in one sentence. */
export function answer({ edge, knob, scenario, seeds }: Plan): string {
  switch (edge.kind) {
    case 'edge':
      return `${what(knob.path, written(knob, edge.holds))} ${verb(knob.path, edge.holds)}: everything held with ${seeds} of ${seeds} seeds.`;
    case 'always':
      return `Everything holds at every ${knob.path} tried, up to ${written(knob, edge.upTo)}: no limit binds, or nothing that is asked of the run depends on it.`;
    case 'never':
      return `Not even ${knob.path} = ${written(knob, edge.downTo)} holds: what ${scenario.name} asks cannot be met by less load alone.`;
  }
}

function what(path: string, value: string): string {
  if (path.endsWith('.vus')) return value === '1' ? '1 VU' : `${value} VUs`;
  if (path.endsWith('.rate')) return /\//.test(value) ? value : `${value}/s`;
  return `${path} = ${value}`;
}

function verb(path: string, value: number): string {
  if (path.endsWith('.vus')) return value === 1 ? 'fits' : 'fit';
  return path.endsWith('.rate') ? 'fits' : 'is the largest that holds';
}

/** The answer, and what breaks beyond it, as a title. */
export function headline(plan: Plan): string {
  const { edge, knob, beyond } = plan;
  if (edge.kind !== 'edge') return answer(plan).replace(/: .*$/, '');
  const goals = new Set(beyond?.runs.flatMap(({ missed }) => missed.map(({ goal }) => goal)));
  const breaks = `with ${written(knob, edge.fails)}, ${[...goals].join(' and ')} breaks`;
  return `${what(knob.path, written(knob, edge.holds))} ${verb(knob.path, edge.holds)}; ${breaks}`;
}

/** What goes wrong at the next value, and how often. */
function breaking({ runs }: PlanPoint, value: string, seeds: number, width: number): string[] {
  const failed = runs.filter(({ ok }) => !ok);
  const goals = Map.groupBy(
    failed.flatMap(({ missed }) => missed),
    ({ goal }) => goal,
  );
  const told = [...goals].map(([goal, all]) => `${goal} (${all.map(observed).slice(0, 3).join(', ')})`);
  return indented(`With ${value}, ${failed.length} of ${seeds} failed: ${told.join('; ')}.`, width, 2);
}

function observed({ observed: value, unit }: Missed): string {
  if (value === null) return 'nothing to measure';
  return unit === 'us' ? formatMetric(value) : unit === 'share' ? percent(value) : round(value);
}

/** The limit that is used most at the edge, and the others. */
function binding({ runs }: PlanPoint, width: number): string[] {
  const used = usesOf(runs);
  const [first, ...others] = used;
  if (!first) return indented('No limit is metered.', width, 2);
  const refused = percent(average(runs.map((run) => run.refused)));
  const rest = others.map(({ limit, share }) => `${limit} ${percent(share)}`).join(', ');
  const text = `${first.limit} binds: ${percent(first.share)} of what it could admit is used there, and ${refused} of attempts are refused${rest ? `; of the others ${rest}` : ''}.`;
  return indented(text, width, 2);
}

/** How much of each limit is used, the most used first. */
export function usesOf(runs: readonly Measured[]): { limit: string; share: number }[] {
  return (runs[0]?.limits ?? [])
    .flatMap(({ limit }) => {
      const shares = runs.flatMap(({ limits }) => {
        const use = limits.find((one) => one.limit === limit);
        return use?.admissible ? [use.admitted / use.admissible] : [];
      });
      return shares.length === 0 ? [] : [{ limit, share: average(shares) }];
    })
    .sort((a, b) => b.share - a.share);
}

function arithmetic({ limit, unit, unitsPerSecond, costPerCall, callsPerSecond, vus, turnUs }: Bound): string {
  const cost = unit === 'requests' ? '' : ` ÷ ${round(costPerCall)} per call`;
  const rate = `${limit}: ${round(unitsPerSecond)} ${unit}/s${cost} = ${significant(callsPerSecond)} calls/s`;
  if (vus === undefined) return `By arithmetic ${rate}.`;
  return `By arithmetic ${rate}; × ${formatMetric(turnUs!)} from call to call = ${round(vus)} VUs (Little's law).`;
}

function significant(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function curveRow({ knob, edge }: Plan, { value, runs }: PlanPoint): string[] {
  const mark = edge.kind === 'edge' && value === edge.holds ? '◂ the edge' : '';
  return [
    written(knob, value),
    percent(1 - average(runs.map(({ failed }) => failed))),
    formatMetric(average(runs.map(({ p95Us }) => p95Us))),
    percent(average(runs.map(({ refused }) => refused))),
    `${round(average(runs.map(({ goodputPerSecond }) => goodputPerSecond)))}/s`,
    mark,
  ];
}
