import { formatParameter } from '../plan/parameter.ts';
import type { CapacityPlan } from '../plan/plan.ts';
import { describeEdge, limitUses } from './terminal/plan-lines.ts';

/** Returns a plan as JSON. Durations in microseconds, shares from 0 to 1. */
export function planJson(plan: CapacityPlan): object {
  const { scenario, parameter, edge, seeds, at, beyond, bounds, curve } = plan;
  return {
    scenario: scenario.name,
    model: scenario.client.model.name,
    path: parameter.path,
    answer: describeEdge(plan),
    edge,
    value: at ? formatParameter(parameter, at.value) : null,
    seeds: { first: scenario.seed, count: seeds },
    binding: at ? limitUses(at.runs) : [],
    missedBeyond: beyond?.runs.filter(({ ok }) => !ok).map(({ seed, missed }) => ({ seed, missed })) ?? [],
    bounds,
    curve,
  };
}
