import type { ScenarioInput } from './schema.ts';

/** Types the default export of a scenario module. Returns its argument unchanged. */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
