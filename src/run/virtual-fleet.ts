import { randomFor } from '../../mock-server/random.ts';
import type { CallTags } from '../client/call-tags.ts';
import type { Client } from '../client/client.ts';
import { importClient, settleCall } from '../client/client-module.ts';
import { Replica } from '../client/replica.ts';
import { replicaUrl } from '../client/replica-imports.ts';
import type { Clock } from '../clock/clock.ts';
import { clientsOf, hasFleet, replicaName } from '../scenario/fleet.ts';
import type { Named } from '../scenario/fleet-settings.ts';
import type { ClientSettings, Scenario } from '../scenario/scenario.ts';
import { Fleet } from './fleet.ts';
import type { FleetOptions, Instance, InstanceId } from './instance.ts';
import { moduleCodeOf } from './module-of.ts';

export interface VirtualClientOptions {
  readonly clock: Clock;
  readonly tags: CallTags;
  /** Aborts when the run is over. */
  readonly over: AbortSignal;
  /** See `FleetOptions`. */
  readonly onChange: FleetOptions['onChange'];
}

/** Imports the client of a scenario, or a copy of each client for each replica. Throws what `importClient` throws. */
export async function importVirtualClients(
  scenario: Scenario,
  options: VirtualClientOptions,
): Promise<Pick<Client, 'call'> | Fleet> {
  const { clock, tags, over, onChange } = options;
  if (hasFleet(scenario)) {
    return Fleet.start({
      clients: clientsOf(scenario),
      clock,
      start: (client, id) => startVirtualInstance(client, id, { ...options, seed: scenario.seed }),
      onChange,
    });
  }
  const client = await importClient(moduleCodeOf(scenario.client.code));
  const context = { env: process.env, signal: over };
  return {
    async call(call) {
      const startUs = clock.nowUs();
      const ended = await tags.run(call.id, () => settleCall(client, call, context));
      return { startUs, endUs: clock.nowUs(), ...ended };
    },
  };
}

/** Imports a copy of a client's module, with all that it imports, as a replica of this thread. */
async function startVirtualInstance(
  { name, settings }: Named<ClientSettings>,
  { replica: number, generation }: InstanceId,
  { clock, tags, seed, over }: Omit<VirtualClientOptions, 'onChange'> & { readonly seed: number },
): Promise<Instance> {
  const ownName = replicaName(name, number);
  const id = `${ownName}.${generation}`;
  const env = { ...settings.env, QUOTALAB_REPLICA: ownName };
  const replica = new Replica(ownName, env, randomFor(seed, `client:${id}`));
  const code = moduleCodeOf(settings.code);
  const client = await tags.runIn(replica, () => importClient(code, replicaUrl(code.module, id)));
  const context = { env: { ...process.env, ...env }, signal: AbortSignal.any([over, replica.signal]) };
  return {
    async call(call) {
      const startUs = clock.nowUs();
      const ended = await tags.run(call.id, () => settleCall(client, call, context), replica);
      return { startUs, endUs: clock.nowUs(), ...ended };
    },
    stop: () => replica.stop(),
  };
}

/** Lets `process.env` show each replica its own variables. */
export function separateEnvironments(tags: CallTags): void {
  const own = (): Readonly<Record<string, string>> => tags.current()?.replica?.env ?? {};
  const shared = process.env;
  process.env = new Proxy(shared, {
    get: (target, name: string) => own()[name] ?? target[name],
    has: (target, name) => Object.hasOwn(own(), name) || Reflect.has(target, name),
    ownKeys: (target) => [...new Set([...Reflect.ownKeys(target), ...Object.keys(own())])],
    getOwnPropertyDescriptor(target, name: string) {
      const value = own()[name];
      if (value === undefined) return Reflect.getOwnPropertyDescriptor(target, name);
      return { value, configurable: true, enumerable: true, writable: true };
    },
  });
}

/** Resolves when the load has ended. Rejects if a change of the fleet fails first. */
export async function whileChanging(driven: Promise<void>, changes: Promise<void>): Promise<void> {
  await Promise.race([driven, changes.then(() => driven)]);
}

/** Gives this thread an environment of its own. */
export function replaceEnvironment(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (env[name] === undefined) delete process.env[name];
  Object.assign(process.env, env);
}
