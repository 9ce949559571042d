import { DIALECTS } from '../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Named } from '../scenario/fleet-settings.ts';
import { PLACEHOLDER_KEY } from './client.ts';

/** A provider with its address, `http://127.0.0.1:PORT`. */
export interface ServedProvider extends Named<ProviderSettings> {
  readonly url: string;
}

/**
 * Returns the variables of several providers: `QUOTALAB_<NAME>_URL` and `QUOTALAB_<NAME>_KEY` of each, and the variables of a
 * dialect's SDKs for the first provider that speaks it. Those of the first provider are in `providerEnvironment`.
 */
export function namedProviderEnvironment(providers: readonly ServedProvider[]): Record<string, string> {
  const [first, ...others] = providers;
  if (first === undefined || first.name === '') return {};
  const taken = new Set([first.settings.dialect]);
  const variables = providers.map((provider) => ownVariables(provider));
  for (const { settings, url } of others) {
    if (taken.has(settings.dialect)) continue;
    taken.add(settings.dialect);
    variables.push(DIALECTS[settings.dialect].environment(url, keyOf(settings)));
  }
  return Object.assign({}, ...variables);
}

/** The variables by which a client finds one provider among several. */
function ownVariables({ name, settings, url }: ServedProvider): Record<string, string> {
  const prefix = `QUOTALAB_${name.toUpperCase().replaceAll('-', '_')}`;
  const { reader, environment } = DIALECTS[settings.dialect];
  const key = keyOf(settings);
  return {
    [`${prefix}_URL`]: environment(url, key)[reader.promptFormat.baseVariable] ?? url,
    [`${prefix}_KEY`]: key,
  };
}

const keyOf = ({ keys }: ProviderSettings): string => (keys === 'any' ? PLACEHOLDER_KEY : (keys[0] ?? PLACEHOLDER_KEY));
