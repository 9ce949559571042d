import type { ScenarioInput } from './schema.ts';

/** Gives a scenario module its types; returns what it is given. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
