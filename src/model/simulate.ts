import { randomFor } from '../../mock-server/random.ts';
import type { CallRecord } from '../journal/record.ts';
import { planOf } from '../load/plan-of.ts';
import type { ClientModel } from '../retry/client-model.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type CallEnd, ModelClient } from './model-client.ts';
import { type OpenCall, startLoad } from './model-load.ts';
import { createModelProvider } from './model-provider.ts';
import { type Sink, World } from './world.ts';

/**
 * Runs a scenario's load on a modelled client against the real admission and the real latency, as discrete events: no
 * code of the team, no bodies, no promises. Deterministic by the scenario's seed. `promptOf` makes what a call asks, as
 * far as its length matters. Returns when the run was over, in microseconds since its start.
 */
export function simulate(
  scenario: Scenario,
  model: ClientModel,
  sink: Sink,
  promptOf: (id: number, vu: number, iteration: number) => string,
): number {
  const { seed, startUs: epochUs } = scenario;
  const world = new World();
  const client = new ModelClient({
    world,
    model,
    provider: createModelProvider(scenario),
    sink,
    seed,
    epochUs,
    drawFor: (call) => randomFor(seed, `client:${call}`),
  });
  let lastId = 0;

  function makeCall(vu: number, iteration: number, scheduledUs: number, done: () => void): OpenCall {
    const id = ++lastId;
    const startUs = world.nowUs;
    let told = false;
    const tell = (ended: Pick<CallRecord, 'result' | 'error'>): void => {
      if (told) return;
      told = true;
      sink.record({ type: 'call', id, vu, iteration, scheduledUs, startUs, endUs: world.nowUs, ...ended });
    };
    client.call(id, promptOf(id, vu, iteration), (end) => {
      tell(resultOf(end));
      done();
    });
    return { giveUp: () => tell({ result: 'open' }) };
  }

  startLoad(scenario.load.map(planOf), {
    world,
    random: (purpose) => randomFor(seed, purpose),
    makeCall,
    drop: (scheduledUs) => sink.record({ type: 'dropped', scheduledUs }),
    over: () => {
      world.over = true;
    },
  });
  world.run();
  client.close();
  return world.nowUs;
}

function resultOf(end: CallEnd): Pick<CallRecord, 'result' | 'error'> {
  if (end.ok) return { result: 'ok' };
  const { status } = end;
  const error =
    status === undefined
      ? { name: 'NoAnswer', message: 'no answer in time' }
      : { name: 'HttpError', message: `HTTP ${status}`, status };
  return { result: 'error', error };
}
