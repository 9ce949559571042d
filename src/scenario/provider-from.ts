import { openProvider } from '../../mock-server/open-provider.ts';
import type { Provider } from '../../mock-server/provider.ts';
import { resolveProvider } from './resolve-provider.ts';
import type { ScenarioInput } from './schema.ts';

/**
 * Creates a provider from a `provider:` block, for tests that use their own server or msw. Throws `scenario/invalid` with
 * every problem.
 *
 * @example
 * setupServer(...handlers(await providerFrom({ limits: ['requests 5/s burst 5'] }))).listen();
 */
export async function providerFrom(raw: NonNullable<ScenarioInput['provider']> = {}, seed = 1): Promise<Provider> {
  return openProvider(resolveProvider(raw, seed));
}
