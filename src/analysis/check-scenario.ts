import type { Problem } from '../../mock-server/error.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { verdictProblems } from './judge-run.ts';
import { thresholdProblems } from './thresholds.ts';

/** What the scenario room cannot know: which metrics and verdicts there are. */
export function checkScenario(scenario: Scenario): Problem[] {
  return [...thresholdProblems(scenario.thresholds), ...verdictProblems(scenario.verdicts)];
}
