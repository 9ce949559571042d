import type { Problem } from '../../mock-server/error.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Problems that only analysis knows, and what cannot be run as a model. */
export function checkModel(scenario: Scenario): Problem[] {
  const problems = [...checkScenario(scenario)];
  if (scenario.gateway) {
    const hint = 'put a limit in its place, such as leaky-bucket for nginx';
    problems.push({ path: 'gateway', message: 'is a program of its own, which cannot be run as a model', hint });
  }
  return problems;
}
