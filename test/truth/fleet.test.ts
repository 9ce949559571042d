import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { JournalRecord } from '../../src/journal/record.ts';
import { modelJournal } from '../../src/run/model.ts';
import { clientsOf } from '../../src/scenario/fleet.ts';
import { scenarioFrom } from '../../src/scenario/load-scenario.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { ScenarioInput } from '../../src/scenario/schema.ts';
import { runToEnd } from '../run-to-end.ts';
import type { DrawnClient, Gate } from './drawn/client-value.ts';
import { modelOf } from './drawn/model-of.ts';
import { scenarioInput, type World } from './drawn/world.ts';

const FOLDER = fileURLToPath(new URL('./drawn', import.meta.url));

const CLIENT: Omit<DrawnClient, 'gate'> = {
  attempts: 6,
  wait: { baseMs: 500, factor: 2, capMs: 8000, jitter: 'none' },
  reading: 'exact',
  obeysUpToMs: 60_000,
  spread: 0,
  repeats: ['refused', 'overloaded', 'failed', 'broken'],
  outer: null,
  hedgeAfterMs: null,
  timeoutMs: null,
  deadlineMs: null,
  brokenStream: 'discard',
  givesUpWith: 'an error',
  idempotencyKey: 'none',
  sendsRetryCount: false,
  job: null,
};

const ARRIVALS: World['load'][number] = {
  executor: 'constant-arrival-rate',
  rate: 5,
  duration: '20s',
  arrivals: 'poisson',
};
const LOOPS: World['load'][number] = {
  executor: 'constant-vus',
  vus: 12,
  duration: '20s',
  wait: { between: ['500ms', '1500ms'] },
};

const WORLD: World = {
  dialect: 'openai',
  quotaPerS: 10,
  limits: [{ name: 'quota', scope: 'organization', algorithm: 'token-bucket', capacity: 10, refill: '10/s' }],
  retryAfter: 'ceil-seconds',
  dateSkew: [],
  faults: [{ at: '12s', for: '2s', status: 503 }],
  latencyMs: 300,
  stream: false,
  maxTokens: 40,
  load: [
    { ...ARRIVALS, name: 'chat', client: 'chat' },
    { ...LOOPS, name: 'batch', client: 'batch' },
    { ...LOOPS, name: 'night', client: 'night', startTime: '1s' },
  ],
  verdicts: {},
};

type FleetKeys = Pick<Exclude<NonNullable<ScenarioInput['client']>, string>, 'replicas' | 'balance' | 'restarts'>;

const QUEUE: Gate = { kind: 'queue', burst: 5, everyMs: 200 };
const PERMITS: Gate = { kind: 'permits', count: 2, over: 'call' };

/** A rolling deploy that drains, a crash that resumes, a crash during the startup of another, more replicas and fewer. */
const CLIENTS: Readonly<Record<string, FleetKeys & { readonly gate: Gate }>> = {
  chat: {
    gate: QUEUE,
    replicas: 4,
    restarts: [{ at: '5s', rolling: '2s', drain: '1s', startup: '1500ms' }],
  },
  batch: {
    gate: PERMITS,
    replicas: 3,
    balance: 'least-busy',
    restarts: [
      { at: '8100ms', startup: '3s', resume: true },
      { at: '9s', replicas: 1, startup: '1s' },
    ],
  },
  night: {
    gate: PERMITS,
    replicas: {
      start: 1,
      stages: [
        { duration: '7s', target: 3 },
        { duration: '4s', target: 2 },
      ],
    },
    balance: 'sticky',
  },
};

/** The scenario with the code of its clients, and with their models. */
async function fleetScenario(): Promise<Scenario> {
  const { client: _, ...input } = scenarioInput(WORLD, { ...CLIENT, gate: QUEUE }, 1);
  const clients = Object.entries(CLIENTS).map(([name, { gate, ...fleet }]) => {
    const drawn = { ...CLIENT, gate };
    return { name, drawn, block: { ...(scenarioInput(WORLD, drawn, 1).client as object), ...fleet } };
  });
  const blocks = Object.fromEntries(clients.map(({ name, block }) => [name, block]));
  const scenario = await scenarioFrom({ ...input, clients: blocks }, FOLDER);
  const [first, ...others] = clientsOf(scenario).map(({ name, settings }, index) => ({
    name,
    settings: { ...settings, model: modelOf(clients[index]!.drawn, WORLD)! },
  }));
  return { ...scenario, client: first!.settings, otherClients: others };
}

/** What happened: every call, every attempt with its reply, and every replica that began or ended. */
function filmOf(records: readonly JournalRecord[]): string[] {
  return records.flatMap((record) => {
    switch (record.type) {
      case 'call': {
        const { id, vu, iteration, scheduledUs, startUs, endUs, result, client, replica, job = '' } = record;
        const turn = `VU ${vu} turn ${iteration} due ${scheduledUs}`;
        return [`${startUs}–${endUs} call ${id} ${client} ${replica} ${turn} ${result} ${job}`];
      }
      case 'attempt': {
        const { call, startUs, endUs, outcome, status, replica } = record;
        return [`${startUs}–${endUs} attempt of ${call} ${replica} ${outcome} ${status}`];
      }
      case 'replica':
        return [`${record.atUs} ${record.change} ${record.replica}, ${record.cut ?? 0} cut`];
      default:
        return [];
    }
  });
}

it('the models of a fleet do what its code does in virtual time, call by call', async () => {
  const scenario = await fleetScenario();
  const real = await runToEnd(scenario);
  const calls = real.filter((record) => record.type === 'call');
  // The deploy cut calls, the crash resumed some, and the limit refused.
  expect(calls.filter(({ result, job }) => result === 'open' && job === undefined).length).toBeGreaterThan(0);
  expect(calls.filter(({ job }) => job !== undefined).length).toBeGreaterThan(2);
  expect(real.filter((record) => record.type === 'attempt' && record.status === 429).length).toBeGreaterThan(20);
  expect(new Set(calls.map(({ replica }) => replica)).size).toBe(10);
  expect(filmOf(modelJournal(scenario, 'truth'))).toEqual(filmOf(real));
});
