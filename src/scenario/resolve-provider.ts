import type { ProviderSettings } from '../../mock-server/settings.ts';
import { parseWith } from './parse-with.ts';
import { providerSchema } from './provider-schema.ts';
import type { ScenarioInput } from './schema.ts';

/** Parses a `provider:` block and fills in every default. Throws `scenario/invalid`. */
export function resolveProvider(raw: NonNullable<ScenarioInput['provider']>, seed: number): ProviderSettings {
  return { ...parseWith(providerSchema, raw, 'scenario/invalid', 'invalid provider settings'), seed };
}
