import { digest } from './digest.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import { createProvider, type Provider } from './provider.ts';
import type { ProviderSettings } from './settings.ts';

/** Creates a provider with the tokenizer that the settings name. `onKey`: see `createProvider`. */
export async function openProvider(settings: ProviderSettings, onKey?: (key: string) => void): Promise<Provider> {
  return createProvider(settings, digest, await loadTokenizer(settings), onKey);
}
