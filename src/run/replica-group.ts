import type { ClientCall } from '../client/client.ts';
import type { ReplicaRecord } from '../journal/record.ts';
import { type Balancer, createBalancer } from '../load/balancer.ts';
import { replicaName } from '../scenario/fleet.ts';
import type { Named, Restart } from '../scenario/fleet-settings.ts';
import type { ClientSettings } from '../scenario/scenario.ts';
import type { FleetOptions, FleetOutcome, Instance } from './instance.ts';
import { atNamedClient } from './named-client-error.ts';

/** A replica that is up. */
interface Running {
  readonly replica: number;
  readonly instance: Instance;
  /** Calls in flight, each with what ends its waiting. */
  readonly inFlight: Map<number, (cut: Cut) => void>;
  /** Called when the last call in flight has ended. */
  onIdle: (() => void) | undefined;
}

/** The end of a call that the end of its replica cut: the same time as in the record of the replica. */
type Cut = Pick<FleetOutcome, 'endUs' | 'resumes'>;

/** How a replica ends. */
interface Ending {
  readonly drainUs: number;
  readonly reason: ReplicaRecord['reason'];
  /** Whether calls that are cut are made once more. */
  readonly resumes?: boolean;
}

/** The replicas of one client. */
export class ReplicaGroup {
  readonly client: Named<ClientSettings>;
  readonly #options: FleetOptions;
  readonly #startedUs: () => number;
  /** Replicas that take calls, in order of their numbers. */
  #up: Running[] = [];
  /** Replicas that end when their calls have ended. */
  readonly #draining = new Set<Running>();
  readonly #generations = new Map<number, number>();
  readonly #pick: Balancer;
  #waiting: (() => void)[] = [];
  /** The number of replicas, those that are restarting included. */
  size = 0;

  constructor(client: Named<ClientSettings>, options: FleetOptions, startedUs: () => number) {
    this.client = client;
    this.#options = options;
    this.#startedUs = startedUs;
    this.#pick = createBalancer(client.settings.fleet?.balance);
  }

  /**
   * Starts a replica, and gives it the calls that wait. `readyUs`: when it takes calls, if not at once. It takes none if the run
   * is over by then, or the replica has been ended or restarted once more.
   */
  async start(replica: number, reason?: ReplicaRecord['reason'], readyUs = 0, signal?: AbortSignal): Promise<void> {
    this.size = Math.max(this.size, replica);
    const generation = this.#nextGeneration(replica);
    const instance = await this.#options.start(this.client, { replica, generation }).catch((error: unknown) => {
      throw atNamedClient(error, this.client.name);
    });
    if (readyUs > 0) await this.#options.clock.sleepUntil(readyUs, signal);
    if (signal?.aborted || this.#generations.get(replica) !== generation) return void (await instance.stop());
    this.#up = [...this.#up, { replica, instance, inFlight: new Map(), onIdle: undefined }].sort(
      (a, b) => a.replica - b.replica,
    );
    if (reason) this.#record(replica, 'start', { reason, cut: 0, atUs: this.#options.clock.nowUs() });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const proceed of waiting) proceed();
  }

  /** Ends a replica once its calls have ended, or after the drain. */
  async end(replica: number, ending: Ending, signal: AbortSignal): Promise<void> {
    this.size = Math.min(this.size, replica - 1);
    this.#nextGeneration(replica);
    await this.#end(replica, ending, signal);
  }

  /** Ends a replica and starts the one that takes its place. */
  async restart(replica: number, { drainUs, startupUs, resumes }: Restart, signal: AbortSignal): Promise<void> {
    const readyUs = startupUs === 0 ? 0 : this.#options.clock.nowUs() + startupUs;
    const ended = this.#end(replica, { drainUs, reason: 'restart', resumes }, signal);
    await Promise.all([ended, this.start(replica, 'restart', readyUs, signal)]);
  }

  /** Makes a call on the replica whose turn it is; waits for one if none is up. */
  async call(call: ClientCall): Promise<FleetOutcome> {
    const { clock } = this.#options;
    while (this.#up.length === 0) await new Promise<void>((proceed) => this.#waiting.push(proceed));
    const running = this.#pick(this.#up, call.vu, this.size);
    const startUs = clock.nowUs();
    const cut = new Promise<Cut>((resolve) => running.inFlight.set(call.id, resolve));
    const outcome = await Promise.race([
      running.instance.call(call),
      cut.then((how): FleetOutcome => ({ startUs, result: 'open', ...how })),
    ]);
    running.inFlight.delete(call.id);
    if (running.inFlight.size === 0) running.onIdle?.();
    return { ...outcome, ...this.#names(running.replica) };
  }

  /** Ends all replicas at once, without a record: the run is over. */
  async stopAll(): Promise<void> {
    const all = [...this.#up, ...this.#draining];
    this.#up = [];
    await Promise.all(all.map(({ instance }) => instance.stop()));
  }

  #nextGeneration(replica: number): number {
    const generation = (this.#generations.get(replica) ?? 0) + 1;
    this.#generations.set(replica, generation);
    return generation;
  }

  async #end(replica: number, { drainUs, reason, resumes = false }: Ending, signal: AbortSignal): Promise<void> {
    const running = this.#up.find((one) => one.replica === replica);
    if (!running) return;
    this.#up = this.#up.filter((one) => one !== running);
    if (drainUs > 0 && running.inFlight.size > 0) await this.#drain(running, drainUs, signal);
    // The run is over: what is still open is open at its end, and not cut by this one.
    if (signal.aborted) return void (await running.instance.stop());
    const cut = [...running.inFlight.values()];
    const endUs = this.#options.clock.nowUs();
    for (const end of cut) end({ endUs, ...(resumes && { resumes }) });
    await running.instance.stop();
    this.#record(replica, 'stop', { reason, cut: cut.length, atUs: endUs });
  }

  async #drain(running: Running, drainUs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#draining.add(running);
    const idle = new AbortController();
    running.onIdle = () => idle.abort();
    await clock.sleepUntil(clock.nowUs() + drainUs, AbortSignal.any([idle.signal, signal]));
    this.#draining.delete(running);
  }

  /** The fields of a call that say where it was made; none for a single process without a name. */
  #names(replica: number): Pick<FleetOutcome, 'client' | 'replica'> {
    const { name, settings } = this.client;
    return {
      ...(name !== '' && { client: name }),
      ...(settings.fleet && { replica: replicaName(name, replica) }),
    };
  }

  #record(
    replica: number,
    change: ReplicaRecord['change'],
    { reason, cut, atUs }: Pick<ReplicaRecord, 'reason' | 'atUs'> & { readonly cut: number },
  ): void {
    this.#options.onChange({
      type: 'replica',
      replica: replicaName(this.client.name, replica),
      atUs: atUs - this.#startedUs(),
      change,
      reason,
      ...(cut > 0 && { cut }),
    });
  }
}
