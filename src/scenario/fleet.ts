import type { Limit } from '../../mock-server/admission/limit.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { Named } from './fleet-settings.ts';
import type { ClientSettings, Scenario } from './scenario.ts';

/** What a scenario says of its providers. */
export type WithProviders = Pick<Scenario, 'provider' | 'providerName' | 'otherProviders'>;

/** Returns all providers of a scenario, the first one first. */
export function providersOf(scenario: WithProviders): Named<ProviderSettings>[] {
  return [{ name: scenario.providerName ?? '', settings: scenario.provider }, ...(scenario.otherProviders ?? [])];
}

/** Returns the limits of all providers. Their names are unique: those of a named provider begin with its name. */
export function limitsOf(scenario: WithProviders): readonly Limit[] {
  if (!scenario.otherProviders) return scenario.provider.limits;
  return providersOf(scenario).flatMap(({ settings }) => settings.limits);
}

/** Returns all clients of a scenario, the first one first. */
export function clientsOf(scenario: Pick<Scenario, 'client' | 'clientName' | 'otherClients'>): Named<ClientSettings>[] {
  return [{ name: scenario.clientName ?? '', settings: scenario.client }, ...(scenario.otherClients ?? [])];
}

/** Whether a scenario has several clients, replicas, or restarts. */
export function hasFleet(scenario: Pick<Scenario, 'client' | 'clientName' | 'otherClients'>): boolean {
  return clientsOf(scenario).some(({ name, settings }) => name !== '' || settings.fleet !== undefined);
}

/** Returns what a model cannot do of a scenario, with the path of its block: it knows one provider, and one client that stays. */
export function beyondModels(
  scenario: WithProviders & Pick<Scenario, 'client' | 'clientName' | 'otherClients'>,
): { readonly path: readonly string[]; readonly message: string } | undefined {
  const { client, clientName, otherClients, otherProviders } = scenario;
  const needs = (what: string): string => `${what} the code of the client: use time: virtual`;
  if (otherProviders && otherProviders.length > 0) return { path: ['providers'], message: needs('several need') };
  if (otherClients && otherClients.length > 0) return { path: ['clients'], message: needs('several need') };
  const block = clientName === undefined ? ['client'] : ['clients', clientName];
  const { fleet } = client;
  if (fleet && fleet.steps.length > 1) return { path: [...block, 'replicas'], message: needs('stages need') };
  if (fleet && fleet.restarts.length > 0) return { path: [...block, 'restarts'], message: needs('they need') };
  return undefined;
}

/** Returns the scenario with a seed, for the load and for every provider. */
export function withSeed(scenario: Scenario, seed: number): Scenario {
  const { provider, otherProviders } = scenario;
  return {
    ...scenario,
    seed,
    provider: { ...provider, seed },
    ...(otherProviders && {
      otherProviders: otherProviders.map(({ name, settings }) => ({
        name,
        settings: { ...settings, seed: providerSeed(seed, name) },
      })),
    }),
  };
}

/** Each provider draws its own latencies. */
function providerSeed(seed: number, name: string): number {
  return Math.floor(randomFor(seed, `provider:${name}`)() * 2 ** 31);
}
