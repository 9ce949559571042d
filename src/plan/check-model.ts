import type { Problem } from '../../mock-server/error.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import { beyondModels } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Returns the problems that `checkScenario` finds, and the parts that a model run does not support. */
export function checkModel(scenario: Scenario): Problem[] {
  const problems = [...checkScenario(scenario)];
  if (scenario.gateway) {
    const hint = 'replace it with a limit, such as leaky-bucket for nginx';
    problems.push({ path: 'gateway', message: 'is a separate program, which a model run does not support', hint });
  }
  const beyond = beyondModels(scenario);
  if (beyond) problems.push({ path: beyond.path.join('.'), message: beyond.message });
  return problems;
}
