import { randomFor } from '../mock-server/random.ts';
import { checkScenario } from '../src/analysis/check-scenario.ts';
import { EventQueue } from '../src/model/event-queue.ts';
import { simulate } from '../src/model/simulate.ts';
import type { Sink } from '../src/model/world.ts';
import { createModelPool } from '../src/plan/model-pool.ts';
import { plan } from '../src/plan/plan.ts';
import { runVirtual } from '../src/run/virtual.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { scenarioFile } from './scenario-file.ts';
import { median, type Row } from './table.ts';

const ROUNDS = 5;
const HOUR_US = 3_600_000_000;

/** Events a second of a model run, beside a bare heap with a bucket of two lines, in rounds side by side. */
export async function benchModel(): Promise<Row[]> {
  const scenario = await loadScenario(scenarioFile(1000, '1h'));
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(bareHeap(1000));
    ours.push(timed(() => countEvents(scenario)));
  }
  const name = 'bare heap, 1,000 clients';
  return [
    { name, amount: median(bare), unit: 'a second', ratios: {} },
    {
      name: 'model run, 1,000 clients',
      amount: median(ours),
      unit: 'a second',
      ratios: { [name]: median(ours) / median(bare) },
    },
  ];
}

/** How long the things take that a person waits for, as runs a second and in seconds on standard output. */
export async function benchWaits(): Promise<Row[]> {
  const hour = await loadScenario(scenarioFile(1000, '1h'));
  const month = await loadScenario(
    scenarioFile(
      1,
      '30d',
      '{ name: month, algorithm: calendar-quota, amount: 100000, per: month }',
      'wait: { between: [10s, 20s] }',
    ),
  );
  const sdk = scenarioFile(0, '1h');
  const waits: [string, () => unknown][] = [
    [
      'an hour of 5/s with the openai SDK, virtual',
      async () => virtual(await loadScenario(sdk, { overrides: SDK_LOAD })),
    ],
    ['an hour of 1,000 modelled clients', () => countEvents(hour)],
    ["a month of one client's calendar quota, modelled", () => countEvents(month)],
    ['a plan of an hour, 10 seeds', () => planOf(sdk)],
  ];
  const rows: Row[] = [];
  for (const [name, run] of waits) {
    const before = performance.now();
    await run();
    const seconds = (performance.now() - before) / 1000;
    rows.push({ name: `${name}: ${seconds.toFixed(2)} s`, amount: 1 / seconds, unit: 'a second', ratios: {} });
  }
  return rows;
}

const SDK_LOAD = { load: '[{ executor: constant-arrival-rate, rate: 5/s, duration: 1h }]' };

function timed(run: () => number): number {
  const before = performance.now();
  const events = run();
  return events / ((performance.now() - before) / 1000);
}

/** Each attempt is two events, its arrival and its end; each call two more, its start and its end. */
function countEvents(scenario: Scenario): number {
  let events = 0;
  const sink: Sink = {
    detailed: false,
    attempt: () => {
      events += 2;
    },
    exchange: () => undefined,
    record: () => {
      events += 2;
    },
  };
  simulate(scenario, scenario.client.model, sink, () => '');
  return events;
}

/** A heap, a bucket of two lines, full jitter: what a model run cannot go below (`speed.md` A). */
function bareHeap(clients: number): number {
  return timed(() => {
    const queue = new EventQueue();
    const random = randomFor(1, 'bench');
    let tokens = 5;
    let filledUs = 0;
    let events = 0;
    const client = (): { due(nowUs: number): void } => {
      let retry = 0;
      let busy = false;
      const self = {
        due(nowUs: number) {
          events++;
          if (busy) {
            busy = false;
            queue.push(nowUs + 200_000 + random() * 300_000, self);
            return;
          }
          tokens = Math.min(5, tokens + ((nowUs - filledUs) * 5) / 1e6);
          filledUs = nowUs;
          if (tokens >= 1) {
            tokens -= 1;
            retry = 0;
            busy = true;
            queue.push(nowUs + 300_000, self);
          } else queue.push(nowUs + random() * Math.min(60e6, 1e6 * 2 ** retry++), self);
        },
      };
      return self;
    };
    for (let index = 0; index < clients; index++) queue.push(0, client());
    for (let nowUs = 0; nowUs < HOUR_US; ) {
      nowUs = queue.nextUs;
      queue.pop().due(nowUs);
    }
    return events;
  });
}

async function virtual(scenario: Scenario): Promise<void> {
  const none = (): void => undefined;
  const { clientError } = await runVirtual(scenario, {
    tool: 'bench',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: none,
    openJournal: () => ({ write: none, writeLines: none, flush: none, close: none }),
  });
  if (clientError) throw clientError;
}

async function planOf(file: string): Promise<void> {
  const pool = createModelPool();
  try {
    const overrides = { ...SDK_LOAD, 'client.model': 'openai-node', 'client.retries': '{}' };
    await plan({ file, overrides, check: checkScenario, seeds: 10, measure: pool.measure });
  } finally {
    await pool.close();
  }
}
