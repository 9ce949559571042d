import { randomFor } from '../../mock-server/random.ts';
import type { CallRecord } from '../journal/call-records.ts';
import { planOf } from '../load/executors.ts';
import type { ClientModel } from '../retry/client-model.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { CallEnd } from './model-client.ts';
import { type OpenCall, startLoad } from './model-load.ts';
import { createModelProvider } from './model-provider.ts';
import { createModelReplicas } from './model-replicas.ts';
import { Simulation, type Sink } from './simulation.ts';

/**
 * Simulates a scenario's load on a modelled client against the real admission and the real latency, as discrete events: no
 * client code, no bodies, no promises. Deterministic by the scenario's seed. `describeCall` returns the prompt of a
 * call, of which only the length matters, and its job. Returns the end of the run, in microseconds since its start.
 */
export function simulate(
  scenario: Scenario,
  model: ClientModel,
  sink: Sink,
  describeCall: (id: number, vu: number, iteration: number) => { readonly prompt: string; readonly job?: string },
): number {
  const { seed, startUs: epochUs } = scenario;
  const simulation = new Simulation();
  const { fleet } = scenario.client;
  const replicas = createModelReplicas(
    {
      simulation,
      model,
      provider: createModelProvider(scenario),
      sink,
      seed,
      epochUs,
      drawFor: (call) => randomFor(seed, `client:${call}`),
    },
    fleet,
  );
  let lastId = 0;

  function makeCall(vu: number, iteration: number, scheduledUs: number, done: () => void): OpenCall {
    const id = ++lastId;
    const startUs = simulation.nowUs;
    const { prompt, job } = describeCall(id, vu, iteration);
    let recorded = false;
    let replica = 0;
    const record = (ended: Pick<CallRecord, 'result' | 'error'>): void => {
      if (recorded) return;
      recorded = true;
      const endUs = simulation.nowUs;
      const named = { ...(job !== undefined && { job }), ...(fleet && { replica: String(replica) }) };
      sink.record({ type: 'call', id, vu, iteration, scheduledUs, startUs, endUs, ...named, ...ended });
    };
    replica = replicas.call(id, vu, prompt, (end) => {
      record(toResult(end));
      done();
    });
    return { giveUp: () => record({ result: 'open' }) };
  }

  startLoad(scenario.load.map(planOf), {
    simulation,
    random: (purpose) => randomFor(seed, purpose),
    makeCall,
    drop: (scheduledUs) => sink.record({ type: 'dropped', scheduledUs }),
    onEnd: () => {
      simulation.over = true;
    },
  });
  simulation.run();
  replicas.close();
  return simulation.nowUs;
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
