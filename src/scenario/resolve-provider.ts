import type { ProviderSettings } from '../../mock-server/settings.ts';
import { parseWith } from './parse-with.ts';
import { providerSchema } from './provider-schema.ts';
import type { ScenarioInput } from './schema.ts';

/** A provider's settings from what a file would say, every default filled in. Throws `scenario/invalid`. */
export function resolveProvider(raw: NonNullable<ScenarioInput['provider']>, seed: number): ProviderSettings {
  return { ...parseWith(providerSchema, raw, 'scenario/invalid', 'these are no settings of a provider'), seed };
}
