import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AttemptRecord, CallRecord } from '../../../src/journal/call-records.ts';
import type { JournalRecord, ReplicaRecord } from '../../../src/journal/record.ts';
import { Fleet } from '../../../src/run/fleet.ts';
import { runScenario } from '../../../src/run/run-scenario.ts';
import type { FleetSettings } from '../../../src/scenario/fleet-settings.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ClientSettings } from '../../../src/scenario/scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { ASK } from './run-virtual-client.ts';

const LATENCY = { firstToken: '300ms', perToken: '0s' };

interface FleetRun {
  readonly calls: readonly CallRecord[];
  readonly attempts: readonly AttemptRecord[];
  readonly replicas: readonly ReplicaRecord[];
  readonly records: readonly JournalRecord[];
  readonly printed: string;
}

/** Runs clients given as sources by file name. */
async function runFleet(
  files: Readonly<Record<string, string>>,
  input: Omit<ScenarioInput, 'name'>,
): Promise<FleetRun> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-fleet-'));
  for (const [name, source] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), source);
  }
  let printed = '';
  const scenario = await scenarioFrom(
    { name: 'fleet', ...(!input.providers && { provider: { latency: LATENCY } }), ...input },
    folder,
  );
  const { records, clientError } = await runScenario(scenario, {
    tool: 'test',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: (text) => {
      printed += text;
    },
  });
  if (clientError) throw clientError;
  return {
    records,
    calls: records.filter((record) => record.type === 'call'),
    attempts: records.filter((record) => record.type === 'attempt'),
    replicas: records.filter((record) => record.type === 'replica'),
    printed,
  };
}

/**
 * Each call returns as many characters as its replica has made calls: module state of an ES module, of a CommonJS package, and of
 * a file that is required during a call.
 */
const COUNTING = {
  'client.mjs': `${ASK}
import { createRequire } from 'node:module';
import { next } from 'counter';
import { count } from './own.mjs';
const require = createRequire(import.meta.url);
export default async function (call, { env }) {
  await ask(call, env);
  const [own, packaged, late] = [count(), next(), require('counter/late.js').next()];
  if (own !== packaged || own !== late) throw new Error([own, packaged, late].join());
  if (require('counter').next !== next) throw new Error('the counter of another replica');
  if (process.env.QUOTALAB_REPLICA !== env.QUOTALAB_REPLICA) throw new Error('another environment');
  return 'x'.repeat(own);
}`,
  'own.mjs': 'let calls = 0;\nexport const count = () => ++calls;',
  'node_modules/counter/package.json': '{ "name": "counter", "version": "1.0.0", "main": "index.js" }',
  'node_modules/counter/index.js': 'let calls = 0;\nexports.next = () => ++calls;',
  'node_modules/counter/late.js': 'let calls = 0;\nexports.next = () => ++calls;',
};

const drainedAtOnce: FleetSettings = {
  steps: [
    { atUs: 0, count: 2 },
    { atUs: 0, count: 1 },
  ],
  balance: 'round-robin',
  restarts: [],
};

const ONE_A_SECOND = { executor: 'constant-arrival-rate', rate: 1, duration: '8s', gracefulStop: '2s' } as const;
const where = ({ calls }: FleetRun): (string | undefined)[] =>
  [...calls].sort((a, b) => a.id - b.id).map(({ replica }) => replica);
const changes = ({ replicas }: FleetRun): string[] =>
  replicas.map(({ replica, atUs, change, cut }) => `${atUs / 1e6} s: ${change} ${replica}${cut ? `, ${cut} cut` : ''}`);

describe.concurrent('replicas in virtual time', () => {
  it('each has its own modules, packages and environment; calls go round', async () => {
    const run = await runFleet(COUNTING, { client: { module: 'client.mjs', replicas: 4 }, load: [ONE_A_SECOND] });
    expect(run.calls.map(({ result, error }) => error?.message ?? result)).toEqual(Array(8).fill('ok'));
    expect(where(run)).toEqual(['1', '2', '3', '4', '1', '2', '3', '4']);
    expect([...run.calls].sort((a, b) => a.id - b.id).map(({ outputSize }) => outputSize)).toEqual([
      1, 1, 1, 1, 2, 2, 2, 2,
    ]);
    expect(run.attempts.map(({ replica }) => replica)).toEqual(where(run));
  });

  it('sticky: a VU stays with its replica. least-busy: a slow one gets fewer', async () => {
    const sticky = await runFleet(COUNTING, {
      client: { module: 'client.mjs', replicas: 2, balance: 'sticky' },
      load: [{ executor: 'per-vu-iterations', vus: 3, iterations: 2 }],
    });
    expect(new Set(sticky.calls.map(({ vu, replica }) => `${vu} ${replica}`))).toEqual(new Set(['1 1', '2 2', '3 1']));
    const slow = `export default async (call, { env }) => {
      await new Promise((r) => setTimeout(r, env.QUOTALAB_REPLICA === '1' ? 5500 : 100));
    }`;
    const run = await runFleet(
      { 'client.mjs': slow },
      {
        client: { module: 'client.mjs', replicas: 2, balance: 'least-busy' },
        load: [{ ...ONE_A_SECOND, gracefulStop: '6s' }],
      },
    );
    expect(where(run)).toEqual(['1', '2', '2', '2', '2', '2', '1', '2']);
  });

  it('stages: one more each second, then one fewer, whose calls may end', async () => {
    const run = await runFleet(COUNTING, {
      client: {
        module: 'client.mjs',
        replicas: {
          start: 1,
          stages: [
            { duration: '2s', target: 3 },
            { duration: '0s', target: 3 },
            { duration: '2s', target: 2 },
          ],
        },
      },
      load: [ONE_A_SECOND],
    });
    expect(changes(run)).toEqual(['1 s: start 2', '2 s: start 3', '4 s: stop 3']);
    expect(new Set(where(run).slice(5))).toEqual(new Set(['1', '2']));
  });

  it('a rolling restart starts with fresh state; calls in flight are cut, or end within the drain', async () => {
    const slow = `let calls = 0;
      export default async () => { const made = ++calls; await new Promise((r) => setTimeout(r, 1500)); return 'x'.repeat(made); }`;
    const input = (restart: object): Omit<ScenarioInput, 'name'> => ({
      client: { module: 'client.mjs', restarts: [{ at: '3200ms', ...restart }] },
      load: [{ ...ONE_A_SECOND, duration: '6s' }],
    });
    const cut = await runFleet({ 'client.mjs': slow }, input({ startup: '1s' }));
    expect(changes(cut)).toEqual(['3.2 s: stop 1, 2 cut', '4.2 s: start 1']);
    const ends = ({ calls }: FleetRun): string[] =>
      [...calls]
        .sort((a, b) => a.id - b.id)
        .map(({ startUs, endUs, result, outputSize }) =>
          `${startUs / 1e6}–${endUs / 1e6} ${result} ${outputSize ?? ''}`.trim(),
        );
    // The call at 4 s waits for the new replica.
    expect(ends(cut)).toEqual(['0–1.5 ok 1', '1–2.5 ok 2', '2–3.2 open', '3–3.2 open', '4.2–5.7 ok 1', '5–6.5 ok 2']);
    const drained = await runFleet({ 'client.mjs': slow }, input({ drain: '1s' }));
    expect(ends(drained)).toEqual(['0–1.5 ok 1', '1–2.5 ok 2', '2–3.5 ok 3', '3–4.2 open', '4–5.5 ok 1', '5–6.5 ok 2']);
  });

  it('a restart during the startup of another begins again; a stage that ends a replica ends its startup', async () => {
    const run = await runFleet(COUNTING, {
      client: {
        module: 'client.mjs',
        replicas: { start: 2, stages: [{ duration: '4s', target: 1 }] },
        restarts: [
          { at: '1200ms', startup: '5s' },
          { at: '2s', replicas: 1, startup: '1s' },
        ],
      },
      load: [ONE_A_SECOND],
    });
    expect(changes(run)).toEqual(['1.2 s: stop 1', '1.2 s: stop 2, 1 cut', '3 s: start 1']);
    expect(where(run)).toEqual(['1', '2', '1', '1', '1', '1', '1', '1']);
  });

  it('a crash that comes back with its list of jobs makes the calls again', async () => {
    const run = await runFleet(COUNTING, {
      client: { module: 'client.mjs', restarts: [{ at: '2100ms', resume: true, startup: '400ms' }] },
      load: [{ ...ONE_A_SECOND, duration: '4s' }],
    });
    expect(run.calls.map(({ id, job = '', result, endUs }) => `${endUs / 1e6} s: call ${id} ${job} ${result}`)).toEqual(
      [
        '0.3 s: call 1  ok',
        '1.3 s: call 2  ok',
        '2.1 s: call 3 call-3 open',
        '2.8 s: call 4 call-3 ok',
        '3.3 s: call 5  ok',
      ],
    );
    expect(run.attempts.map(({ outcome }) => outcome)).toEqual([
      'response',
      'response',
      'aborted',
      'response',
      'response',
    ]);
  });

  it('what an ended replica has left behind has no effect: its timers, fetch and node:http', async () => {
    const zombie = `${ASK}
      import http from 'node:http';
      const post = (env) => new Promise((resolve, reject) => {
        const request = http.request(env.OPENAI_BASE_URL + '/models', (response) => { response.resume(); response.on('end', resolve); });
        request.on('error', reject).end();
      });
      export default async function (call, { env }) {
        setInterval(() => { console.log('beat of call', call.id); void ask(call, env); void post(env); }, 1000);
        await new Promise(() => {});
      }`;
    const run = await runFleet(
      { 'client.mjs': zombie },
      {
        client: { module: 'client.mjs', restarts: [{ at: '2500ms' }] },
        load: [{ executor: 'per-vu-iterations', vus: 1, iterations: 1, maxDuration: '6s', gracefulStop: '0s' }],
      },
    );
    expect(run.printed.match(/beat of call 1/g)).toHaveLength(2);
    expect(run.attempts.map(({ startUs, endpoint }) => `${startUs / 1e6} s: ${endpoint}`).sort()).toEqual([
      '1 s: chat.completions',
      '1 s: models',
      '2 s: chat.completions',
      '2 s: models',
    ]);
  });
});

const FAIL_OVER = `
const ask = async (url, key, call) => {
  const response = await fetch(url + '/chat/completions', {
    method: 'POST',
    headers: { authorization: 'Bearer ' + key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: call.model, messages: [{ role: 'user', content: call.prompt }] }),
  });
  await response.text();
  if (!response.ok) throw new Error('HTTP ' + response.status);
};
export default async function (call, { env }) {
  try { await ask(env.QUOTALAB_PRIMARY_URL, env.QUOTALAB_PRIMARY_KEY, call); }
  catch { await ask(env.QUOTALAB_BACK_UP_URL, env.QUOTALAB_BACK_UP_KEY, call); }
}`;

const PROVIDERS = {
  primary: { latency: LATENCY, limits: ['requests 1/s burst 1'] },
  'back-up': { latency: LATENCY, keys: ['sk-of-the-back-up'] },
};

const FLEET: Omit<ScenarioInput, 'name'> = {
  providers: PROVIDERS,
  clients: {
    chat: { module: 'client.mjs', replicas: 2, restarts: [{ at: '1s', rolling: '1s', resume: true }] },
    batch: 'client.mjs',
  },
  load: [
    { ...ONE_A_SECOND, client: 'chat' },
    { ...ONE_A_SECOND, client: 'batch', startTime: '100ms' },
  ],
};

describe.concurrent('several providers and clients by name', () => {
  it('the refused calls of the first go to the second, which has its own address, key and limits', async () => {
    const run = await runFleet({ 'client.mjs': FAIL_OVER }, FLEET);
    expect(run.calls.every(({ result }) => result === 'ok')).toBe(true);
    const met = run.attempts.map(({ provider, status, deniedBy = '' }) => `${provider} ${status} ${deniedBy}`.trim());
    expect(new Set(met)).toEqual(new Set(['primary 200', 'primary 429 primary/requests', 'back-up 200']));
    expect(new Set(run.calls.map(({ client, replica }) => `${client} ${replica}`))).toEqual(
      new Set(['chat chat/1', 'chat chat/2', 'batch undefined']),
    );
  });

  it('an error of a client is at its path in the file', async () => {
    const broken = runFleet(
      { 'client.mjs': FAIL_OVER, 'broken.mjs': 'export const answer = 42;' },
      { ...FLEET, clients: { chat: 'client.mjs', batch: 'broken.mjs' } },
    );
    await expect(broken).rejects.toMatchObject({
      code: 'client/no-default-export',
      problems: [{ path: 'clients.batch.module' }],
    });
  });

  it('the same seed gives the same records', async () => {
    const [first, second] = await Promise.all([
      runFleet({ 'client.mjs': FAIL_OVER }, FLEET),
      runFleet({ 'client.mjs': FAIL_OVER }, FLEET),
    ]);
    const text = ({ records }: FleetRun): string => JSON.stringify(records.slice(1));
    expect(first.replicas).toHaveLength(4);
    expect(text(first)).toBe(text(second));
  });
});

it('a drain ends with the run', async () => {
  const never = new Promise<never>(() => undefined);
  const stopped: number[] = [];
  const over = new AbortController();
  const fleet = await Fleet.start({
    clients: [{ name: '', settings: { fleet: drainedAtOnce } as unknown as ClientSettings }],
    clock: {
      nowUs: () => 0,
      resolutionUs: 1,
      sleepUntil: async (atUs, signal) => {
        if (atUs > 0) await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      },
    },
    start: async (_, { replica }) => ({ call: () => never, stop: () => void stopped.push(replica) }),
    onChange: (record) => expect.fail(JSON.stringify(record)),
  });
  for (const id of [1, 2])
    void fleet.call({ id, vu: id, iteration: 0, model: 'gpt-4o-mini', prompt: '', stream: false });
  const changes = fleet.run(0, over.signal);
  await new Promise(setImmediate);
  expect(stopped).toEqual([]);
  over.abort();
  await changes;
  expect(stopped).toEqual([2]);
});

describe('replicas on sockets', () => {
  it('one that exits is named', async () => {
    const exits = `export default async (call, { env }) => { if (env.QUOTALAB_REPLICA === '2') process.exit(3); }`;
    await expect(
      runFleet(
        { 'client.mjs': exits },
        {
          time: 'wall',
          client: { module: 'client.mjs', replicas: 2 },
          load: [{ executor: 'per-vu-iterations', vus: 2, iterations: 1 }],
        },
      ),
    ).rejects.toThrow(/^replica 2: .*client.mjs exited with code 3$/);
  });

  it('threads of their own: separate state, a restart, two providers', async () => {
    const { calls, attempts, replicas } = await runFleet(
      { ...COUNTING, 'client.mjs': FAIL_OVER },
      {
        ...FLEET,
        time: 'wall',
        clients: {
          chat: { module: 'client.mjs', replicas: 2, restarts: [{ at: '500ms', replicas: 1, resume: true }] },
        },
        load: [{ executor: 'constant-arrival-rate', rate: 10, duration: '2s', client: 'chat' }],
      },
    );
    expect(new Set(calls.map(({ replica }) => replica))).toEqual(new Set(['chat/1', 'chat/2']));
    expect(new Set(attempts.map(({ provider }) => provider))).toEqual(new Set(['primary', 'back-up']));
    expect(attempts.filter(({ replica }) => !replica?.startsWith('chat/'))).toEqual([]);
    expect(replicas.map(({ replica, change }) => `${change} ${replica}`).sort()).toEqual([
      'start chat/1',
      'stop chat/1',
    ]);
    expect(calls.filter(({ result }) => result === 'error')).toEqual([]);
  });
});
