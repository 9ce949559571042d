import { randomFor } from '../../mock-server/random.ts';
import { planOf } from '../load/executors.ts';
import { clientsOf, hasFleet, replicaName } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createCallMaker, type DescribeCall } from './model-calls.ts';
import { ModelClient } from './model-client.ts';
import { startModelFleet } from './model-fleet.ts';
import { startLoad } from './model-load.ts';
import { createModelProvider } from './model-provider.ts';
import { createWire } from './model-wire.ts';
import { Simulation, type Sink } from './simulation.ts';

/**
 * Simulates a scenario's load on the models of its clients against the real admission and the real latency, as discrete events:
 * no client code, no bodies, no promises. Deterministic by the scenario's seed. `describeCall` returns the request of a
 * call, with its job, its kind and its client. Returns the end of the run, in microseconds since its start.
 */
export function simulate(scenario: Scenario, sink: Sink, describeCall: DescribeCall): number {
  const { seed, startUs: epochUs } = scenario;
  const simulation = new Simulation();
  const clients = clientsOf(scenario);
  const isFleet = hasFleet(scenario);
  const provider = createModelProvider(scenario);
  const common = { simulation, provider, sink, epochUs, wire: createWire(simulation, seed, epochUs) };
  const drawFor = (call: number) => randomFor(seed, `client:${call}`);
  const fleet = startModelFleet(clients, {
    simulation,
    createClient: ({ name, settings: { model } }, replica) =>
      new ModelClient({ ...common, model, drawFor, ...(isFleet && { replica: replicaName(name, replica) }) }),
    onChange: sink.record,
  });
  const withReplicas = new Set(clients.filter(({ settings }) => settings.fleet).map(({ name }) => name));
  startLoad(scenario.load.map(planOf), {
    simulation,
    random: (purpose) => randomFor(seed, purpose),
    makeCall: createCallMaker({
      simulation,
      fleet,
      sink,
      describeCall,
      firstClient: clients[0]!.name,
      hasReplicas: (client) => withReplicas.has(client),
    }),
    drop: (scheduledUs) => sink.record({ type: 'dropped', scheduledUs }),
    onEnd: () => {
      simulation.over = true;
    },
  });
  simulation.run();
  fleet.close();
  return simulation.nowUs;
}
