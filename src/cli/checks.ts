import type { Problem } from '../../mock-server/error.ts';
import { verdictProblems } from '../analysis/judge-run.ts';
import { thresholdProblems } from '../analysis/thresholds.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** What the scenario room cannot know: which metrics and verdicts there are. */
export function checkScenario(scenario: Scenario): Problem[] {
  return [...thresholdProblems(scenario.thresholds), ...verdictProblems(scenario.verdicts)];
}
