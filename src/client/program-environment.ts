import { DIALECTS, type DialectName } from '../../mock-server/dialects/dialects.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Variables } from '../programs/process-group.ts';
import { providerEnvironment } from './client.ts';

/** A program's environment, and the names of the variables that point it at the mock. */
export interface ProgramEnvironment {
  readonly env: Variables;
  readonly set: readonly string[];
}

/**
 * Returns the environment of a program that uses the mock instead of its provider: the inherited variables, with every SDK
 * pointed at its dialect's URL. Existing proxy exceptions are kept. Variables that the SDK rejects are removed; a
 * real key must not reach the real provider either.
 */
export function programEnvironment(
  inherited: Variables,
  urlOf: (dialect: DialectName) => string,
  provider: Pick<ProviderSettings, 'keys' | 'dialect'>,
): ProgramEnvironment {
  const added = providerEnvironment(urlOf, provider);
  const exceptions = Object.fromEntries(
    ['NO_PROXY', 'no_proxy'].map((name) => [name, joinExceptions(added[name]!, inherited[name])]),
  );
  const { conflictingVariables } = DIALECTS[provider.dialect];
  const removed = Object.fromEntries(conflictingVariables.map((name) => [name, undefined]));
  const set = Object.keys(added).filter((name) => !(name in exceptions));
  return { env: { ...inherited, ...removed, ...added, ...exceptions }, set };
}

function joinExceptions(added: string, inherited: string | undefined): string {
  return inherited === undefined || inherited.trim() === '' ? added : `${added},${inherited}`;
}
