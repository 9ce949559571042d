import type { Limit } from '../../mock-server/admission/limit.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { FleetSettings, Named } from './fleet-settings.ts';
import type { ClientSettings, Scenario } from './scenario.ts';

/** How long calls in flight may continue on a replica that is one too many: the grace period of Kubernetes. */
export const SCALE_DOWN_DRAIN_US = 30_000_000;

/** The fleet of a client that says nothing of one. */
export const SINGLE_REPLICA: FleetSettings = { steps: [{ atUs: 0, count: 1 }], balance: 'round-robin', restarts: [] };

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

/** The name of a replica in records: `chat/3`, or `3` for a client without a name. */
export function replicaName(client: string, replica: number): string {
  return client === '' ? String(replica) : `${client}/${replica}`;
}

/** Whether a scenario has several clients, replicas, or restarts. */
export function hasFleet(scenario: Pick<Scenario, 'client' | 'clientName' | 'otherClients'>): boolean {
  return clientsOf(scenario).some(({ name, settings }) => name !== '' || settings.fleet !== undefined);
}

/** Returns what a model cannot do of a scenario, with the path of its block: it knows one provider. */
export function beyondModels({
  otherProviders = [],
}: WithProviders): { readonly path: readonly string[]; readonly message: string } | undefined {
  if (otherProviders.length === 0) return undefined;
  return { path: ['providers'], message: 'several need the code of the client: use time: virtual' };
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
