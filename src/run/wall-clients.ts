import { QuotaLabError } from '../../mock-server/error.ts';
import type { ClientCall, StartOptions } from '../client/client.ts';
import { namedProviderEnvironment, type ServedProvider } from '../client/fleet-environment.ts';
import { startClient } from '../client/start-client.ts';
import type { Clock } from '../clock/clock.ts';
import { clientsOf, hasFleet, replicaName } from '../scenario/fleet.ts';
import type { Named } from '../scenario/fleet-settings.ts';
import type { ClientSettings, Scenario } from '../scenario/scenario.ts';
import { Fleet } from './fleet.ts';
import type { FleetOptions, FleetOutcome, Instance, InstanceId } from './instance.ts';

/** The clients of a run on sockets. */
export interface WallClients {
  call(call: ClientCall): Promise<FleetOutcome>;
  /** Begins the changes of the fleet, which end with the signal. Rejects if a replica does not start. */
  change(startedUs: number, signal: AbortSignal): Promise<void>;
  /** Resolves if a client, or one of its replicas, ends before it is stopped. */
  readonly died: Promise<Error>;
  stop(): Promise<void>;
}

export interface WallClientOptions extends Omit<StartOptions, 'url' | 'provider' | 'clock'> {
  readonly providers: readonly ServedProvider[];
  readonly clock: Clock & StartOptions['clock'];
  /** See `FleetOptions`. */
  readonly onChange: FleetOptions['onChange'];
}

/** Starts the client of a scenario, or a thread or process for each replica. Throws what `startClient` throws. */
export async function startWallClients(scenario: Scenario, options: WallClientOptions): Promise<WallClients> {
  const { providers, clock, onChange, ...rest } = options;
  const named = namedProviderEnvironment(providers);
  const { url, settings: provider } = providers[0]!;
  const start = ({ code, env }: ClientSettings, own: Readonly<Record<string, string>>) =>
    startClient({ code, env: { ...named, ...env, ...own } }, { ...rest, url, provider, clock });
  if (!hasFleet(scenario)) {
    const { call, died, stop } = await start(scenario.client, {});
    return { call, died, stop, change: () => Promise.resolve() };
  }
  const { promise: died, resolve: die } = Promise.withResolvers<Error>();
  async function startReplica({ name, settings }: Named<ClientSettings>, { replica }: InstanceId): Promise<Instance> {
    const ownName = replicaName(name, replica);
    const client = await start(settings, { QUOTALAB_REPLICA: ownName });
    void client.died.then((error) => die(errorOfReplica(ownName, error)));
    return client;
  }
  const fleet = await Fleet.start({ clients: clientsOf(scenario), clock, start: startReplica, onChange });
  return {
    call: (call) => fleet.call(call),
    change: (startedUs, signal) => fleet.run(startedUs, signal),
    died,
    stop: () => fleet.stop(),
  };
}

function errorOfReplica(replica: string, error: Error): Error {
  if (!(error instanceof QuotaLabError)) return error;
  const { code, message, problems } = error;
  return new QuotaLabError(code, `replica ${replica}: ${message}`, { problems, cause: error });
}
