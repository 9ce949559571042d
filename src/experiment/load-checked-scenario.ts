import { QuotaLabError } from '../../mock-server/error.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import type { LoadOptions } from '../scenario/load-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { loadScenario, scenarioFrom } from '../traces/load-scenario.ts';
import { fileProblems, toPath } from './input-file.ts';

/** A scenario: the path or URL of a YAML file or a module, or the object that such a file contains. */
export type ScenarioSource = string | URL | ScenarioInput;

/** Options of loading a scenario. */
export interface LoadScenarioOptions {
  /**
   * Overrides by path, like `--set`: `{ 'load[0].vus': 5 }`.
   * @default {}
   */
  readonly set?: Readonly<Record<string, string | number | boolean>> | undefined;
  /**
   * Seed of all randomness.
   * @default the seed of the scenario, or 1 if not set
   */
  readonly seed?: number | undefined;
  /**
   * Base folder of the relative paths in a scenario object, or of a relative path to a file.
   * @default the working directory
   */
  readonly folder?: string | undefined;
}

/**
 * Loads a scenario and checks it completely, including the names of metrics and verdicts. Throws a `QuotaLabError`, which
 * lists every problem if settings are invalid.
 *
 * @example
 * const { load, provider } = await loadScenario('scenario.yaml', { set: { 'load[0].vus': 5 } });
 */
export async function loadCheckedScenario(
  source: ScenarioSource,
  options: LoadScenarioOptions = {},
  { notes = true }: Pick<LoadOptions, 'notes'> = {},
): Promise<Scenario> {
  const { set = {}, seed, folder } = options;
  const changes = Object.entries({ ...set, ...(seed !== undefined && { seed }) });
  const overrides = changes.map(([path, value]) => ({ path, value: String(value), flag: `set ${path}` }));
  const loading = { overrides, check: checkScenario, notes };
  if (typeof source === 'object' && !(source instanceof URL)) return scenarioFrom(source, folder ?? '.', loading);
  const problems = fileProblems('', source, "'scenario.yaml', or new URL('./scenario.yaml', import.meta.url)");
  if (problems.length > 0) throw new QuotaLabError('scenario/invalid', 'the scenario has one problem', { problems });
  return loadScenario(toPath(source, folder), loading);
}
