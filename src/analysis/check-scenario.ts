import type { Problem } from '../../mock-server/error.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { verdictProblems } from './judging/judge-run.ts';
import { findThresholdProblems } from './metrics/thresholds.ts';

/** Checks what the scenario parser cannot: that metrics and verdicts exist, and that some limit applies to the calls. */
export function checkScenario(scenario: Scenario): Problem[] {
  const { thresholds, verdicts } = scenario;
  return [...findThresholdProblems(thresholds), ...verdictProblems(verdicts), ...findUnusedLimits(scenario)];
}

/** If every limit is for another model, nothing is limited and the run would pass without testing anything. */
function findUnusedLimits({ provider: { limits }, call: { model } }: Scenario): Problem[] {
  const models = limits.flatMap((limit) => limit.models ?? []);
  if (limits.length === 0 || limits.some((limit) => !limit.models || limit.models.includes(model))) return [];
  const message = `no limit applies to ${model}, the model of the calls; limits apply to ${[...new Set(models)].join(', ')}`;
  return [{ path: 'provider.limits', message, hint: `call: { model: ${models[0]} }` }];
}
