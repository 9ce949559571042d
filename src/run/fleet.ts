import type { ClientCall } from '../client/client.ts';
import { SCALE_DOWN_DRAIN_US, SINGLE_REPLICA } from '../scenario/fleet.ts';
import type { ReplicaStep, Restart } from '../scenario/fleet-settings.ts';
import type { FleetOptions, FleetOutcome } from './instance.ts';
import { ReplicaGroup } from './replica-group.ts';

/** The clients of a run, each with its replicas. Calls are spread over them as a load balancer would. */
export class Fleet {
  readonly #options: FleetOptions;
  readonly #groups = new Map<string, ReplicaGroup>();
  #startedUs = 0;

  private constructor(options: FleetOptions) {
    this.#options = options;
  }

  /** Starts the replicas that there are at the start of the run. Throws what `start` throws. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    for (const client of options.clients) {
      const group = new ReplicaGroup(client, options, () => fleet.#startedUs);
      fleet.#groups.set(client.name, group);
      const { steps } = client.settings.fleet ?? SINGLE_REPLICA;
      for (let replica = 1; replica <= steps[0]!.count; replica++) await group.start(replica);
    }
    return fleet;
  }

  /** Begins the changes of the fleet, which end with the signal. Rejects if a replica does not start. */
  async run(startedUs: number, signal: AbortSignal): Promise<void> {
    this.#startedUs = startedUs;
    const changes = [...this.#groups.values()].flatMap((group) => {
      const { steps, restarts } = group.client.settings.fleet ?? SINGLE_REPLICA;
      return [
        ...steps.slice(1).map((step) => this.#scale(group, step, signal)),
        ...restarts.map((restart) => this.#restart(group, restart, signal)),
      ];
    });
    await Promise.all(changes);
  }

  /** Makes a call on a replica of its client. Never rejects; waits while no replica is up. */
  call(call: ClientCall): Promise<FleetOutcome> {
    const [first] = this.#groups.values();
    return (call.client === undefined ? first! : this.#groups.get(call.client)!).call(call);
  }

  /** Ends all replicas. */
  async stop(): Promise<void> {
    await Promise.all([...this.#groups.values()].map((group) => group.stopAll()));
  }

  async #scale(group: ReplicaGroup, { atUs, count }: ReplicaStep, signal: AbortSignal): Promise<void> {
    if (!(await this.#reach(atUs, signal))) return;
    for (let replica = group.size + 1; replica <= count; replica++) await group.start(replica, 'stage');
    const surplus = Array.from({ length: Math.max(0, group.size - count) }, (_, index) => group.size - index);
    const ending = { drainUs: SCALE_DOWN_DRAIN_US, reason: 'stage' } as const;
    await Promise.all(surplus.map((replica) => group.end(replica, ending, signal)));
  }

  async #restart(group: ReplicaGroup, restart: Restart, signal: AbortSignal): Promise<void> {
    const { atUs, replicas, rollingUs } = restart;
    if (!(await this.#reach(atUs, signal))) return;
    const count = replicas === 'all' ? group.size : Math.min(replicas, group.size);
    const all = Array.from({ length: count }, async (_, index) => {
      const isDue = await this.#reach(atUs + index * rollingUs, signal);
      // A stage may have ended it meanwhile.
      if (isDue && index < group.size) await group.restart(index + 1, restart, signal);
    });
    await Promise.all(all);
  }

  /** Resolves at a time of the run, with whether the run still goes on. */
  async #reach(atUs: number, signal: AbortSignal): Promise<boolean> {
    await this.#options.clock.sleepUntil(this.#startedUs + atUs, signal);
    return !signal.aborted;
  }
}
