import { withSeed } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Returns the scenario with `count` consecutive seeds, starting with its own. */
export function withSeeds(scenario: Scenario, count: number): Scenario[] {
  return Array.from({ length: count }, (_, index) => withSeed(scenario, scenario.seed + index));
}
