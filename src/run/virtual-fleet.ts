import { randomFor } from '../../mock-server/random.ts';
import type { CallTags } from '../client/call-tags.ts';
import { importClient, settleCall } from '../client/client-module.ts';
import { Replica, replicaName } from '../client/replica.ts';
import { replicaUrl } from '../client/replica-imports.ts';
import type { Clock } from '../clock/clock.ts';
import type { Named } from '../scenario/fleet.ts';
import type { ClientSettings } from '../scenario/scenario.ts';
import type { Instance, InstanceId } from './fleet.ts';
import { moduleCodeOf } from './module-of.ts';

export interface VirtualInstanceOptions {
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly tags: CallTags;
  readonly seed: number;
  /** Aborts when the run is over. */
  readonly over: AbortSignal;
}

/** Imports a copy of a client's module, with all that it imports, as a replica of this thread. Throws what `importClient` throws. */
export async function startVirtualInstance(
  { name, settings }: Named<ClientSettings>,
  { replica: number, generation }: InstanceId,
  { clock, tags, seed, over }: VirtualInstanceOptions,
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
