import type { FleetSettings } from '../scenario/fleet-settings.ts';
import { type CallEnd, type ClientParts, ModelClient } from './model-client.ts';
import type { ModelRequest } from './model-request.ts';

/** The replicas of a modelled client: each has its own queue, pace, budget and breaker. */
export interface ModelReplicas {
  /** Starts a call of a VU and returns the number of its replica. */
  call(id: number, vu: number, request: ModelRequest, done: (end: CallEnd) => void): number;
  /** Ends the run: attempts in flight are reported as open. */
  close(): void;
}

/** Creates as many modelled clients as the fleet has replicas, or one without a fleet. Calls are spread as `balance` says. */
export function createModelReplicas(parts: ClientParts, fleet: FleetSettings | undefined): ModelReplicas {
  const count = fleet?.steps[0]?.count ?? 1;
  const clients = Array.from({ length: count }, () => new ModelClient(parts));
  const inFlight = clients.map(() => 0);
  let turn = 0;

  function pick(vu: number): number {
    switch (fleet?.balance) {
      case 'sticky':
        return (vu - 1) % count;
      case 'least-busy':
        return inFlight.indexOf(Math.min(...inFlight));
      default:
        return turn++ % count;
    }
  }

  return {
    call(id, vu, request, done) {
      const index = pick(vu);
      inFlight[index]!++;
      clients[index]!.call(id, request, (end) => {
        inFlight[index]!--;
        done(end);
      });
      return index + 1;
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}
