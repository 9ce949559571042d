import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { measure } from '../plan/measure.ts';
import type { Measured } from '../plan/measured.ts';
import { runScenario } from '../run/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type RunSettings, virtualOptions } from './run-once.ts';

/**
 * Runs the client's own code in virtual time, regardless of the scenario's time mode, and returns its figures for comparison
 * with the model's. Throws what the run throws, or the reason why the client exited. Call `ensureConfirmable` first.
 */
export async function confirmModel(scenario: Scenario, settings: RunSettings = {}): Promise<Measured> {
  const { records, clientError } = await runScenario({ ...scenario, time: 'virtual' }, virtualOptions(settings));
  if (clientError) throw clientError;
  return measure(records);
}

/** Throws `plan/not-confirmable` without client code, or for settings that only the model reads. */
export function ensureConfirmable({ client }: Scenario, paths: readonly string[]): void {
  const problems: Problem[] = paths
    .filter((path) => /^client\.(?!env\b|module\b)/.test(path))
    .map((path) => ({
      path,
      message: "is read only by the model, not by the client's own code",
      hint: 'read an environment variable in the client and vary client.env.NAME',
    }));
  if (client.code.kind === 'none')
    problems.push({ path: 'client.module', message: 'is missing: there is no client code to run' });
  if (problems.length === 0) return;
  throw new QuotaLabError('plan/not-confirmable', 'the result cannot be confirmed with the client', { problems });
}
