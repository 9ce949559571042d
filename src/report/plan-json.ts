import { written } from '../plan/knob.ts';
import type { Plan } from '../plan/plan.ts';
import { answer, usesOf } from './terminal/plan-lines.ts';

/** A plan for machines. Durations in microseconds, shares of 1. */
export function planJson(plan: Plan): object {
  const { scenario, knob, edge, seeds, at, beyond, bounds, curve } = plan;
  return {
    scenario: scenario.name,
    model: scenario.client.model.name,
    path: knob.path,
    answer: answer(plan),
    edge,
    value: at ? written(knob, at.value) : null,
    seeds: { first: scenario.seed, count: seeds },
    binding: at ? usesOf(at.runs) : [],
    missedBeyond: beyond?.runs.filter(({ ok }) => !ok).map(({ seed, missed }) => ({ seed, missed })) ?? [],
    bounds,
    curve,
  };
}
