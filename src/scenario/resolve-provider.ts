import { QuotaLabError } from '../../mock-server/error.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { pathText } from './path.ts';
import { problemsOf } from './problems.ts';
import { providerSchema } from './provider-schema.ts';
import type { ScenarioInput } from './schema.ts';

/** A provider's settings from what a file would say, every default filled in. Throws `scenario/invalid`. */
export function resolveProvider(raw: NonNullable<ScenarioInput['provider']>, seed: number): ProviderSettings {
  const parsed = providerSchema.safeParse(raw);
  if (parsed.success) return { ...parsed.data, seed };
  const problems = problemsOf(parsed.error, raw).map(({ path, ...rest }) => ({ path: pathText(path), ...rest }));
  throw new QuotaLabError('scenario/invalid', 'these are no settings of a provider', { problems });
}
