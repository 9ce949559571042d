import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { computeMetrics } from '../../../src/analysis/metrics/metrics.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import type { JournalRecord } from '../../../src/journal/record.ts';
import { scenarioFrom } from '../../../src/scenario/load-scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';
import { describeWith, PYTHON } from '../../real-parts.ts';
import { runToEnd } from '../../run-to-end.ts';
import { ASK, runVirtualClient } from './run-virtual-client.ts';

const FOLDER = fileURLToPath(new URL('./clients', import.meta.url));

const BASE: Omit<ScenarioInput, 'client'> = {
  name: 'ordered-times',
  provider: {
    limits: [{ name: 'requests', scope: 'organization', capacity: 5, refill: '1/s' }],
    latency: { firstToken: '30ms', perToken: '0s' },
  },
  load: [
    { executor: 'per-vu-iterations', vus: 8, iterations: 6 },
    { executor: 'shared-iterations', vus: 2, iterations: 20 },
  ],
};

const run = async (input: Partial<ScenarioInput> & Pick<ScenarioInput, 'client'>): Promise<readonly JournalRecord[]> =>
  runToEnd(await scenarioFrom({ ...BASE, ...input } as ScenarioInput, FOLDER));

/** What is out of order in a journal, and every metric that has a negative value. */
function findDisorder(records: readonly JournalRecord[]): string[] {
  const { calls, attempts, endUs, ...rest } = readRun(records);
  const inOrder = (what: string, ...times: (number | undefined)[]): string[] => {
    const known = times.filter((time) => time !== undefined);
    return known.every((time, index) => Number.isInteger(time) && time >= (known[index - 1] ?? 0))
      ? []
      : [what + known];
  };
  const values = computeMetrics({ calls, attempts, endUs, ...rest }).flatMap((metric) =>
    JSON.stringify(metric).match(/-\d[\d.]*/) ? [`${metric.name} ${JSON.stringify(metric).match(/-\d[\d.]*/)}`] : [],
  );
  return [
    ...calls.flatMap((call) => inOrder(`call ${call.id} `, call.scheduledUs, call.startUs, call.endUs, endUs)),
    ...attempts.flatMap((one) => inOrder(`attempt ${one.id} `, one.startUs, one.headersUs, one.endUs, endUs)),
    // What the provider saw of a call lies within it, though a call may end before its last attempt (a timeout).
    ...calls.flatMap((call) =>
      call.attempts.flatMap((one) => inOrder(`in call ${call.id} `, call.startUs, one.startUs)),
    ),
    ...values,
  ];
}

function expectOrder(records: readonly JournalRecord[]): void {
  // The situation arose: calls were made, and some of them were answered and some refused.
  expect(records.filter(({ type }) => type === 'call').length).toBeGreaterThanOrEqual(8);
  const statuses = records.map((record) => (record.type === 'attempt' ? record.status : undefined));
  expect(statuses).toEqual(expect.arrayContaining([200, 429]));
  expect(findDisorder(records)).toEqual([]);
}

describe('no duration and no lateness of a run is negative', () => {
  it.each(['wall', 'virtual'] as const)('a module, %s time', async (time) => {
    expectOrder(await run({ time, client: { module: './early-bird.ts' } }));
  });

  it.each(['each', 'seconds'] as const)('autocannon, wall time, records: %s', async (records) => {
    const { load: _, ...base } = BASE;
    const client = { autocannon: { connections: 4, duration: '1s', records } };
    const journal = await runToEnd(await scenarioFrom({ ...base, time: 'wall', client } as ScenarioInput, FOLDER));
    expect(journal.length).toBeGreaterThan(2);
    expect(findDisorder(journal)).toEqual([]);
  });

  it('a model', async () => {
    expectOrder(await run({ time: 'model', client: { module: './early-bird.ts', model: 'openai-node' } }));
  });
});

describeWith(['python3-aiohttp'], 'no duration of a run of a command is negative', () => {
  const client = { command: [PYTHON, 'retrying_worker.py'], protocol: 'worker' as const };

  const limits: string[] = ['requests 1/s'];
  const load: ScenarioInput['load'] = [{ executor: 'per-vu-iterations', vus: 8, iterations: 1 }];

  it('wall time', async () => expectOrder(await run({ time: 'wall', client, load, provider: { limits } })));

  describeWith(['faketime'], 'in scaled time', () => {
    it('at 20 times the speed', async () =>
      expectOrder(await run({ time: { scaled: 20 }, client, load, provider: { limits } })));
  });
});

it('a request that a client makes and awaits while it is imported is not part of the run', async () => {
  const run = await runVirtualClient(
    `${ASK} await ask({ model: 'gpt-4o-mini', prompt: 'early' }, process.env);
     export default (call, { env }) => ask(call, env);`,
    '[{ executor: per-vu-iterations, vus: 1, iterations: 2 }]',
  );
  expect(run.records.map(({ type }) => type)).toEqual(['header', 'attempt', 'call', 'attempt', 'call', 'end']);
  expect(run.attempts.map(({ startUs }) => startUs)).toEqual([0, 300_000]);
});

it('threads that share the zero of a clock never disagree on what came first', async () => {
  const { originUs, nowUs } = wallClock();
  const thread = (await import('node:worker_threads')).Worker;
  const clockFile = new URL('../../../src/clock/wall-clock.ts', import.meta.url).href;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(${JSON.stringify(clockFile)}).then(({ wallClock }) => {
      const { nowUs } = wallClock(workerData);
      parentPort.on('message', () => parentPort.postMessage(nowUs()));
      parentPort.postMessage('ready');
    });`;
  const disorder: number[][] = [];
  for (let threads = 0; threads < 5; threads++) {
    const worker = new thread(code, { eval: true, workerData: originUs });
    const next = (): Promise<number> => new Promise((resolve) => worker.once('message', resolve));
    await next();
    for (let turn = 0; turn < 200; turn++) {
      const beforeUs = nowUs();
      worker.postMessage('');
      const thereUs = await next();
      const afterUs = nowUs();
      if (!(beforeUs <= thereUs && thereUs <= afterUs)) disorder.push([beforeUs, thereUs, afterUs]);
    }
    await worker.terminate();
  }
  expect(disorder).toEqual([]);
});
