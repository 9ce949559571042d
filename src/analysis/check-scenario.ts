import type { Problem } from '../../mock-server/error.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { verdictProblems } from './judging/judge-run.ts';
import { thresholdProblems } from './metrics/thresholds.ts';

/** What the scenario room cannot know: which metrics and verdicts there are, and whether any limit is met at all. */
export function checkScenario(scenario: Scenario): Problem[] {
  const { thresholds, verdicts } = scenario;
  return [...thresholdProblems(thresholds), ...verdictProblems(verdicts), ...unmetLimits(scenario)];
}

/** Limits of another model than the calls ask for would meter nothing, and the run would look as if all were well. */
function unmetLimits({ provider: { limits }, call: { model } }: Scenario): Problem[] {
  const models = limits.flatMap((limit) => limit.models ?? []);
  if (limits.length === 0 || limits.some((limit) => !limit.models || limit.models.includes(model))) return [];
  const message = `no limit meets ${model}, which calls ask for: they meet ${[...new Set(models)].join(', ')}`;
  return [{ path: 'provider.limits', message, hint: `call: { model: ${models[0]} }` }];
}
