import type { Limit } from '../../mock-server/admission/limit.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import type { ClientSettings, Scenario } from './scenario.ts';

/** The number of replicas from a time on, counted from the start of the run. */
export interface ReplicaStep {
  readonly atUs: number;
  readonly count: number;
}

/** Replicas that end and are replaced. Times count from the start of the run. */
export interface Restart {
  readonly atUs: number;
  readonly replicas: number | 'all';
  /** Time from one replica to the next. */
  readonly rollingUs: number;
  /** How long calls in flight may continue. */
  readonly drainUs: number;
  /** Time until the new replica takes calls. */
  readonly startupUs: number;
  /** Whether the calls that were cut are made once more. */
  readonly resumes: boolean;
}

/** The replicas of a client over time. */
export interface FleetSettings {
  /** In order of time; the first is at 0. */
  readonly steps: readonly ReplicaStep[];
  readonly balance: 'round-robin' | 'least-busy' | 'sticky';
  readonly restarts: readonly Restart[];
}

/** A provider or a client, and its name in the scenario; empty if the scenario has one without a name. */
export interface Named<Settings> {
  readonly name: string;
  readonly settings: Settings;
}

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
export function clientsOf(
  scenario: Pick<Scenario, 'client' | 'clientName' | 'otherClients'>,
): Named<ClientSettings>[] {
  return [{ name: scenario.clientName ?? '', settings: scenario.client }, ...(scenario.otherClients ?? [])];
}

/** Whether a scenario has several clients, replicas, or restarts. */
export function hasFleet(scenario: Pick<Scenario, 'client' | 'clientName' | 'otherClients'>): boolean {
  return clientsOf(scenario).some(({ name, settings }) => name !== '' || settings.fleet !== undefined);
}

/** Returns the highest number of replicas that a client has at one time. */
export function mostReplicas({ fleet }: Pick<ClientSettings, 'fleet'>): number {
  return fleet ? Math.max(...fleet.steps.map(({ count }) => count)) : 1;
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
