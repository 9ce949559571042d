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
import { withoutExcess } from './size-limits.ts';
import { readTextFile } from './text-file.ts';
import { warn } from './warn.ts';

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
  const fixtures = withFixtures(overridden.document, (name) => readTextFile(resolve(name)));
  const sized = withoutExcess(fixtures.document);
  const found = findProblems(providerOnly, sized.document);
  const all = [...overridden.problems, ...fixtures.problems, ...sized.problems, ...found.problems]
    .map(fixtures.withFile)
    .map(overridden.withFlag)
    .map(placeProblem);
  if (all.length > 0 || !found.value)
    throw new QuotaLabError('scenario/invalid', 'invalid provider settings', { problems: all });
  for (const warning of fixtures.warnings) warn(warning);
  return { ...found.value.provider, seed };
}
