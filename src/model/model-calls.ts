import { omitUndefined } from '../../mock-server/json-value.ts';
import type { CallRecord } from '../journal/call-records.ts';
import type { CallShape } from '../load/call-shape.ts';
import { replicaName } from '../scenario/fleet.ts';
import type { CallEnd } from './model-client.ts';
import type { ModelFleet } from './model-fleet.ts';
import type { DueCall, MakeCall, OpenCall } from './model-load.ts';
import type { FleetCall } from './model-replicas.ts';
import type { ModelRequest } from './model-request.ts';
import { InstantBatch, type Simulation, type Sink } from './simulation.ts';

/** The request of a call, and what its record says of it. */
export type DescribedCall = ModelRequest & {
  readonly job?: string;
  readonly kind?: string;
  /** The client that makes it, where a scenario has several. */
  readonly client?: string;
};

/** Builds the call of a VU; `shape` is what the load says of it. */
export type DescribeCall = (id: number, vu: number, iteration: number, shape?: CallShape) => DescribedCall;

export interface CallMakerParts {
  readonly simulation: Simulation;
  readonly fleet: ModelFleet;
  readonly sink: Sink;
  readonly describeCall: DescribeCall;
  /** Name of the first client, which makes the calls that name none; empty if it has none. */
  readonly firstClient: string;
  /** Whether the records of a client's calls name its replicas. */
  readonly hasReplicas: (client: string) => boolean;
}

/** Returns what makes the calls of a load on a modelled fleet, and records how they ended, as `drive` does. */
export function createCallMaker(parts: CallMakerParts): MakeCall {
  const { simulation, describeCall } = parts;
  let lastId = 0;
  // Calls of one instant start in the order of their VUs.
  const resumed = new InstantBatch<MadeCall>(simulation, (calls) => {
    for (const call of calls.sort((a, b) => a.vu - b.vu)) call.beginAgain();
  });
  const maker: Maker = { ...parts, nextId: () => ++lastId, resume: (call) => resumed.add(call) };
  return (due, done) => {
    const id = maker.nextId();
    const call = new MadeCall(id, due, describeCall(id, due.vu, due.iteration, due.shape), done, maker);
    call.begin();
    return call;
  };
}

interface Maker extends CallMakerParts {
  readonly nextId: () => number;
  readonly resume: (call: MadeCall) => void;
}

/** One call of a VU, made again under a new id each time the end of a replica cuts it and its work is to be resumed. */
class MadeCall implements FleetCall, OpenCall {
  id: number;
  readonly vu: number;
  readonly request: DescribedCall;
  readonly #maker: Maker;
  readonly #due: DueCall;
  readonly #done: () => void;
  #job: string | undefined;
  #scheduledUs: number;
  #startUs = 0;
  #replica: number | undefined;
  #givenUp = false;

  constructor(id: number, due: DueCall, request: DescribedCall, done: () => void, maker: Maker) {
    this.id = id;
    this.vu = due.vu;
    this.request = request;
    this.#maker = maker;
    this.#due = due;
    this.#done = done;
    this.#job = request.job;
    this.#scheduledUs = due.scheduledUs;
  }

  begin(): void {
    this.#startUs = this.#maker.simulation.nowUs;
    this.#maker.fleet.call(this.request.client, this);
  }

  taken(replica: number): void {
    this.#startUs = this.#maker.simulation.nowUs;
    this.#replica = replica;
  }

  ended(end: CallEnd): void {
    if (!this.#givenUp) this.#record(toResult(end));
    this.#done();
  }

  cut(resumes: boolean): void {
    const { id } = this;
    if (!this.#givenUp) {
      if (resumes) this.#job ??= `call-${id}`;
      this.#record({ result: 'open' });
    }
    if (this.#givenUp || !resumes) {
      this.#done();
      return;
    }
    this.#maker.resume(this);
  }

  /** Makes the call once more, under a new id. */
  beginAgain(): void {
    this.id = this.#maker.nextId();
    this.#scheduledUs = this.#maker.simulation.nowUs;
    this.#replica = undefined;
    this.begin();
  }

  giveUp(): void {
    if (this.#givenUp) return;
    this.#givenUp = true;
    this.#record({ result: 'open' });
  }

  #record(ended: Pick<CallRecord, 'result' | 'error'>): void {
    const { simulation, sink } = this.#maker;
    const { iteration } = this.#due;
    const { id, vu } = this;
    const [scheduledUs, startUs, endUs] = [this.#scheduledUs, this.#startUs, simulation.nowUs];
    const named = omitUndefined({ job: this.#job, kind: this.request.kind });
    sink.record({
      type: 'call',
      id,
      vu,
      iteration,
      scheduledUs,
      startUs,
      endUs,
      ...named,
      ...this.#madeBy(),
      ...ended,
    });
  }

  /** The fields that say where it was made; none while it waits for a replica, or for a single process without a name. */
  #madeBy(): Pick<CallRecord, 'client' | 'replica'> {
    const replica = this.#replica;
    if (replica === undefined) return {};
    const { firstClient, hasReplicas } = this.#maker;
    const { client = firstClient } = this.request;
    return {
      ...(client !== '' && { client }),
      ...(hasReplicas(client) && { replica: replicaName(client, replica) }),
    };
  }
}

function toResult(end: CallEnd): Pick<CallRecord, 'result' | 'error'> {
  if (end.ok) return { result: 'ok' };
  const { status } = end;
  const error =
    status === undefined
      ? { name: 'NoAnswer', message: 'no answer in time' }
      : { name: 'HttpError', message: `HTTP ${status}`, status };
  return { result: 'error', error };
}
