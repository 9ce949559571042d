import { resolve } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { keysOf } from '../../mock-server/setting-fields.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { findProblems } from './find-problems.ts';
import { withFixtures } from './fixtures.ts';
import { placeProblem } from './invalid-scenario.ts';
import { loadScenario } from './load-scenario.ts';
import { type Overrides, withOverrides } from './overrides.ts';
import { providerSchema } from './provider-schema.ts';
import { readTextFile } from './text-file.ts';

const providerOnly = keysOf({ provider: providerSchema });

/**
 * Loads provider settings outside a run: from a scenario, or from overrides alone (`provider.dialect` → `anthropic`), whose
 * files are then relative to the working directory. Throws what `loadScenario` throws.
 */
export async function loadProvider(
  scenario: string | undefined,
  overrides: Overrides,
  seed: number,
): Promise<ProviderSettings> {
  if (scenario !== undefined) return { ...(await loadScenario(scenario, { overrides })).provider, seed };
  const overridden = withOverrides({ provider: {} }, overrides);
  const { document, problems } = withFixtures(overridden.document, (name) => readTextFile(resolve(name)));
  const found = findProblems(providerOnly, document);
  const all = [...overridden.problems, ...problems, ...found.problems].map(overridden.withFlag).map(placeProblem);
  if (all.length > 0 || !found.value)
    throw new QuotaLabError('scenario/invalid', 'invalid provider settings', { problems: all });
  return { ...found.value.provider, seed };
}
