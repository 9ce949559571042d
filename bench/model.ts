import { randomFor } from '../mock-server/random.ts';
import { checkScenario } from '../src/analysis/check-scenario.ts';
import { EventQueue } from '../src/model/event-queue.ts';
import { simulate } from '../src/model/simulate.ts';
import type { Sink } from '../src/model/simulation.ts';
import { createModelPool } from '../src/plan/model-pool.ts';
import { plan } from '../src/plan/plan.ts';
import { runVirtual } from '../src/run/virtual.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import type { Scenario } from '../src/scenario/scenario.ts';
import { scenarioFile } from './scenario-file.ts';
import { median, type Row } from './table.ts';

const ROUNDS = 5;
const HOUR_US = 3_600_000_000;

/** Events per second of a model run, compared with a bare heap and a two-line bucket in alternating rounds. */
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
    { name, amount: median(bare), unit: 'per second', ratios: {} },
    {
      name: 'model run, 1,000 clients',
      amount: median(ours),
      unit: 'per second',
      ratios: { [name]: median(ours) / median(bare) },
    },
  ];
}

/** Duration of commands that a user waits for; the row name has the seconds, the amount is runs per second. */
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
    rows.push({ name: `${name}: ${seconds.toFixed(2)} s`, amount: 1 / seconds, unit: 'per second', ratios: {} });
  }
  return rows;
}

const SDK_LOAD = { load: '[{ executor: constant-arrival-rate, rate: 5/s, duration: 1h }]' };

function timed(run: () => number): number {
  const before = performance.now();
  const events = run();
  return events / ((performance.now() - before) / 1000);
}

/** Counts two events per attempt (arrival and end) and two per call (start and end). */
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
  simulate(scenario, sink, () => ({ prompt: '', model: 'gpt-4o-mini', stream: false }));
  return events;
}

/** The lower bound for a model run: a heap, a two-line bucket and full jitter (`speed.md` A). */
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
  const noop = (): void => undefined;
  const { clientError } = await runVirtual(scenario, {
    tool: 'bench',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: noop,
    openJournal: () => ({ write: noop, writeLines: noop, close: () => undefined }),
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
