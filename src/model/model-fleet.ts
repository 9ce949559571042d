import { ceilToTick } from '../load/plan.ts';
import { SCALE_DOWN_DRAIN_US, SINGLE_REPLICA } from '../scenario/fleet.ts';
import type { Named, ReplicaStep, Restart } from '../scenario/fleet-settings.ts';
import type { ClientSettings } from '../scenario/scenario.ts';
import { type FleetCall, ModelReplicas, type ReplicaOptions } from './model-replicas.ts';
import { TICK_US } from './simulation.ts';

/** The modelled clients of a run, each with its replicas. */
export interface ModelFleet {
  /** Gives a call to a client; to the first, if it names none. */
  call(client: string | undefined, call: FleetCall): void;
  /** Ends the run: attempts in flight are reported as open. */
  close(): void;
}

/** Starts the replicas that there are at the start of the run, and schedules the changes of their number and their restarts. */
export function startModelFleet(clients: readonly Named<ClientSettings>[], options: ReplicaOptions): ModelFleet {
  const { simulation } = options;
  const at = (atUs: number, act: () => void): void => simulation.at(ceilToTick(atUs, TICK_US), { due: act });
  const groups = new Map(clients.map((client) => [client.name, new ModelReplicas(client, options)]));

  function scale(group: ModelReplicas, { count }: ReplicaStep): void {
    for (let replica = group.size + 1; replica <= count; replica++) group.start(replica, 'stage');
    while (group.size > count) group.end(group.size, { drainUs: SCALE_DOWN_DRAIN_US, reason: 'stage' });
  }

  function restart(group: ModelReplicas, change: Restart): void {
    const { atUs, replicas, rollingUs } = change;
    const count = replicas === 'all' ? group.size : Math.min(replicas, group.size);
    for (let index = 0; index < count; index++) {
      at(atUs + index * rollingUs, () => {
        // A stage may have ended it meanwhile.
        if (index < group.size) group.restart(index + 1, change);
      });
    }
  }

  for (const group of groups.values()) {
    const { steps, restarts } = group.client.settings.fleet ?? SINGLE_REPLICA;
    for (let replica = 1; replica <= steps[0]!.count; replica++) group.start(replica);
    for (const step of steps.slice(1)) at(step.atUs, () => scale(group, step));
    for (const change of restarts) at(change.atUs, () => restart(group, change));
  }
  const first = groups.get(clients[0]!.name)!;
  return {
    call: (client, call) => (client === undefined ? first : groups.get(client)!).call(call),
    close() {
      for (const group of groups.values()) group.close();
    },
  };
}
