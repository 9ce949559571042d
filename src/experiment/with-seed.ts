import type { Scenario } from '../scenario/scenario.ts';

/** Returns the scenario with another seed, for the load and for the provider. */
export function withSeed(scenario: Scenario, seed: number): Scenario {
  return { ...scenario, seed, provider: { ...scenario.provider, seed } };
}

/** Returns the scenario with `count` consecutive seeds, starting with its own. */
export function withSeeds(scenario: Scenario, count: number): Scenario[] {
  return Array.from({ length: count }, (_, index) => withSeed(scenario, scenario.seed + index));
}
