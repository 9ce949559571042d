import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { withFixtures } from './fixtures.ts';
import { loadScenario } from './load-scenario.ts';
import { withOverrides } from './overrides.ts';
import { formatPath } from './path.ts';
import { resolveProvider } from './resolve-provider.ts';

/**
 * Loads provider settings outside a run: from a scenario, or from overrides alone (`provider.dialect` → `anthropic`), whose
 * files are then relative to the working directory. Throws what `loadScenario` throws.
 */
export async function loadProvider(
  scenario: string | undefined,
  overrides: Readonly<Record<string, string>>,
  seed: number,
): Promise<ProviderSettings> {
  if (scenario !== undefined) return { ...(await loadScenario(scenario, { overrides })).provider, seed };
  const overridden = withOverrides({ provider: {} }, overrides);
  const { document, problems } = await withFixtures(overridden.document, (name) => readFile(resolve(name), 'utf8'));
  const all = [...overridden.problems, ...problems].map(({ path, ...rest }) => ({ path: formatPath(path), ...rest }));
  if (all.length > 0) throw new QuotaLabError('scenario/invalid', 'invalid provider settings', { problems: all });
  return resolveProvider((document as { provider: object }).provider, seed);
}
