import type { ReplicaRecord } from '../journal/record.ts';
import { type Balancer, createBalancer } from '../load/balancer.ts';
import { replicaName } from '../scenario/fleet.ts';
import type { Named, Restart } from '../scenario/fleet-settings.ts';
import type { ClientSettings } from '../scenario/scenario.ts';
import type { CallEnd, ModelClient } from './model-client.ts';
import type { ModelRequest } from './model-request.ts';
import type { Simulation } from './simulation.ts';

/** A call of a modelled fleet, and what it is told. */
export interface FleetCall {
  readonly id: number;
  readonly vu: number;
  readonly request: ModelRequest;
  /** A replica takes it: at once, or when one is up. */
  taken(replica: number): void;
  ended(end: CallEnd): void;
  /** Its replica ends first. `resumes`: the call is to be made once more. */
  cut(resumes: boolean): void;
}

export interface ReplicaOptions {
  readonly simulation: Simulation;
  /** Creates the model of one replica: its own queue, pace, budget and breaker. */
  readonly createClient: (client: Named<ClientSettings>, replica: number) => ModelClient;
  readonly onChange: (record: ReplicaRecord) => void;
}

/** A replica that is up, or that ends when its calls have ended. */
interface Running {
  readonly replica: number;
  readonly client: ModelClient;
  readonly inFlight: Map<number, FleetCall>;
  /** Called when the last call in flight has ended. */
  onIdle: (() => void) | undefined;
}

/** How a replica ends. */
interface Ending {
  readonly drainUs: number;
  readonly reason: ReplicaRecord['reason'];
  readonly resumes?: boolean;
}

/** The replicas of one modelled client, which start, end and share calls as those of `src/run/replica-group.ts` do. */
export class ModelReplicas {
  readonly client: Named<ClientSettings>;
  readonly #options: ReplicaOptions;
  readonly #pick: Balancer;
  /** Replicas that take calls, in order of their numbers. */
  #up: Running[] = [];
  readonly #draining = new Set<Running>();
  readonly #generations = new Map<number, number>();
  #waiting: FleetCall[] = [];
  /** The number of replicas, those that are restarting included. */
  size = 0;

  constructor(client: Named<ClientSettings>, options: ReplicaOptions) {
    this.client = client;
    this.#options = options;
    this.#pick = createBalancer(client.settings.fleet?.balance);
  }

  /** Starts a replica, and gives it the calls that wait; after `startupUs`, unless it is ended or restarted by then. */
  start(replica: number, reason?: ReplicaRecord['reason'], startupUs = 0): void {
    this.size = Math.max(this.size, replica);
    const generation = this.#nextGeneration(replica);
    const takeCalls = (): void => {
      if (this.#generations.get(replica) !== generation) return;
      const client = this.#options.createClient(this.client, replica);
      this.#up.push({ replica, client, inFlight: new Map(), onIdle: undefined });
      this.#up.sort((a, b) => a.replica - b.replica);
      if (reason) this.#record(replica, 'start', reason, 0);
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const call of waiting) this.call(call);
    };
    if (startupUs > 0) this.#after(startupUs, takeCalls);
    else takeCalls();
  }

  /** Ends a replica once its calls have ended, or after the drain. */
  end(replica: number, ending: Ending): void {
    this.size = Math.min(this.size, replica - 1);
    this.#nextGeneration(replica);
    this.#end(replica, ending);
  }

  /** Ends a replica and starts the one that takes its place. */
  restart(replica: number, { drainUs, startupUs, resumes }: Restart): void {
    this.#end(replica, { drainUs, reason: 'restart', resumes });
    this.start(replica, 'restart', startupUs);
  }

  /** Gives a call to the replica whose turn it is, or to the next one that is up. */
  call(call: FleetCall): void {
    if (this.#up.length === 0) {
      this.#waiting.push(call);
      return;
    }
    const running = this.#pick(this.#up, call.vu, this.size);
    const { client, inFlight } = running;
    inFlight.set(call.id, call);
    call.taken(running.replica);
    client.call(call.id, call.request, (end) => {
      inFlight.delete(call.id);
      if (inFlight.size === 0) running.onIdle?.();
      call.ended(end);
    });
  }

  /** Ends the run: attempts in flight are reported as open. */
  close(): void {
    for (const { client } of [...this.#up, ...this.#draining]) client.close();
  }

  #end(replica: number, { drainUs, reason, resumes = false }: Ending): void {
    const running = this.#up.find((one) => one.replica === replica);
    if (!running) return;
    this.#up = this.#up.filter((one) => one !== running);
    this.#draining.add(running);
    const stop = (): void => {
      if (!this.#draining.delete(running)) return;
      const cut = [...running.inFlight.values()];
      running.client.stop();
      for (const call of cut) call.cut(resumes);
      this.#record(replica, 'stop', reason, cut.length);
    };
    if (drainUs === 0 || running.inFlight.size === 0) stop();
    else {
      running.onIdle = stop;
      this.#after(drainUs, stop);
    }
  }

  #after(us: number, act: () => void): void {
    const { simulation } = this.#options;
    simulation.at(simulation.nowUs + us, { due: act });
  }

  #nextGeneration(replica: number): number {
    const generation = (this.#generations.get(replica) ?? 0) + 1;
    this.#generations.set(replica, generation);
    return generation;
  }

  #record(replica: number, change: ReplicaRecord['change'], reason: ReplicaRecord['reason'], cut: number): void {
    const { onChange, simulation } = this.#options;
    const name = replicaName(this.client.name, replica);
    onChange({
      type: 'replica',
      replica: name,
      atUs: simulation.nowUs,
      change,
      reason,
      ...(cut > 0 && { cut }),
    });
  }
}
