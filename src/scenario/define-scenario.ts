import type { ScenarioInput } from './schema.ts';

/**
 * Types the default export of a scenario module. Returns its argument unchanged.
 *
 * @example
 * export default defineScenario({
 *   name: 'five-users',
 *   client: { module: './client.ts' },
 *   load: [{ executor: 'constant-vus', vus: 5, duration: '1m' }],
 *   provider: { limits: 'requests 5/s burst 5' },
 * });
 */
export function defineScenario(scenario: ScenarioInput): ScenarioInput {
  return scenario;
}
