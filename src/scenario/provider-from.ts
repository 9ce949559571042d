import { digest } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider, type Provider } from '../../mock-server/provider.ts';
import { resolveProvider } from './resolve-provider.ts';
import type { ScenarioInput } from './schema.ts';

/**
 * Creates a provider from a `provider:` block, for tests that use their own server or msw. Throws `scenario/invalid` with
 * every problem.
 */
export async function providerFrom(raw: NonNullable<ScenarioInput['provider']> = {}, seed = 1): Promise<Provider> {
  const settings = resolveProvider(raw, seed);
  return createProvider(settings, digest, await loadTokenizer(settings));
}
