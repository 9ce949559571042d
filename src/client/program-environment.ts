import type { DialectName, ProviderSettings } from '../../mock-server/settings.ts';
import type { Variables } from '../programs/process-group.ts';
import { providerEnvironment } from './client.ts';

/** What may hold an address or key of the real provider where the mock sets none. */
const OPENAI = ['OPENAI_BASE_URL', 'OPENAI_API_BASE', 'OPENAI_API_KEY'];

/** A program's environment and the names in it that point it at the mock. */
export interface ProgramEnvironment {
  readonly env: Variables;
  readonly set: readonly string[];
}

/**
 * The environment of a whole program that is to meet the mock instead of its provider: what it inherits, with every SDK
 * pointed at its own dialect's URL. A proxy keeps whatever else was excepted from it. With Azure, OpenAI's variables are
 * taken away: its class refuses a base URL beside an endpoint, and a real key must not be sent to the real provider.
 */
export function programEnvironment(
  inherited: Variables,
  urlOf: (dialect: DialectName) => string,
  provider: Pick<ProviderSettings, 'keys' | 'dialect'>,
): ProgramEnvironment {
  const ours = providerEnvironment(urlOf, provider);
  const exceptions = Object.fromEntries(
    ['NO_PROXY', 'no_proxy'].map((name) => [name, joined(ours[name]!, inherited[name])]),
  );
  const removed = provider.dialect === 'azure' ? Object.fromEntries(OPENAI.map((name) => [name, undefined])) : {};
  const set = Object.keys(ours).filter((name) => !(name in exceptions));
  return { env: { ...inherited, ...removed, ...ours, ...exceptions }, set };
}

function joined(ours: string, theirs: string | undefined): string {
  return theirs === undefined || theirs.trim() === '' ? ours : `${ours},${theirs}`;
}
