import { omitUndefined } from '../../mock-server/json-value.ts';
import { randomFor } from '../../mock-server/random.ts';
import type { CallRecord } from '../journal/call-records.ts';
import type { AskedCall } from '../load/asked-call.ts';
import { planOf } from '../load/executors.ts';
import type { ClientModel } from '../retry/client-model.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { CallEnd } from './model-client.ts';
import { type DueCall, type OpenCall, startLoad } from './model-load.ts';
import { createModelProvider } from './model-provider.ts';
import { createModelReplicas } from './model-replicas.ts';
import type { ModelRequest } from './model-request.ts';
import { Simulation, type Sink } from './simulation.ts';

/** Builds the call of a VU; `asked` is what the load asks of it. */
export type DescribeCall = (
  id: number,
  vu: number,
  iteration: number,
  asked?: AskedCall,
) => ModelRequest & { readonly job?: string; readonly kind?: string };

/**
 * Simulates a scenario's load on a modelled client against the real admission and the real latency, as discrete events: no
 * client code, no bodies, no promises. Deterministic by the scenario's seed. `describeCall` returns the request of a
 * call, with its job and its kind. Returns the end of the run, in microseconds since its start.
 */
export function simulate(scenario: Scenario, model: ClientModel, sink: Sink, describeCall: DescribeCall): number {
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

  function makeCall({ vu, iteration, scheduledUs, asked }: DueCall, done: () => void): OpenCall {
    const id = ++lastId;
    const startUs = simulation.nowUs;
    const call = describeCall(id, vu, iteration, asked);
    const named = omitUndefined({ job: call.job, kind: call.kind });
    let recorded = false;
    let replica = 0;
    const record = (ended: Pick<CallRecord, 'result' | 'error'>): void => {
      if (recorded) return;
      recorded = true;
      const endUs = simulation.nowUs;
      const at = { ...named, ...(fleet && { replica: String(replica) }) };
      sink.record({ type: 'call', id, vu, iteration, scheduledUs, startUs, endUs, ...at, ...ended });
    };
    replica = replicas.call(id, vu, call, (end) => {
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
