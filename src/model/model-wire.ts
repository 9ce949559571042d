import { tieBreak } from '../../mock-server/hash.ts';
import { InstantBatch, type Simulation } from './simulation.ts';

/** A request on its way, of the call `id`. */
export interface SentRequest {
  readonly id: number;
  /** Lets the provider decide on it. */
  arrive(): void;
}

/** Where all clients of a run send their requests: the provider decides those of one instant together. */
export type ModelWire = Pick<InstantBatch<SentRequest>, 'add'>;

/** Creates the wire of a run. Requests of one instant, of all clients, arrive in a seeded random order, as in virtual time. */
export function createWire(simulation: Simulation, seed: number, epochUs: number): ModelWire {
  return new InstantBatch<SentRequest>(simulation, (requests) => {
    const ordered = requests.length === 1 ? requests : inTieBreakOrder(requests, seed, epochUs + simulation.nowUs);
    for (const request of ordered) request.arrive();
  });
}

function inTieBreakOrder(requests: readonly SentRequest[], seed: number, nowUs: number): SentRequest[] {
  return requests
    .map((request) => ({ request, order: tieBreak(seed, nowUs, request.id) }))
    .sort((a, b) => a.order - b.order)
    .map(({ request }) => request);
}
