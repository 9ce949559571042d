import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { runVirtual } from '../src/run/virtual.ts';
import { scenarioFrom } from '../src/scenario/load-scenario.ts';
import { median, type Row } from './table.ts';

const CLIENT = fileURLToPath(new URL('../test/truth/clients/openai-node.ts', import.meta.url));
const REPLICAS = 8;
const ROUNDS = 3;

/** What a replica of a client with the openai SDK costs in virtual time: memory, its start, and the speed of all. */
export async function benchReplicas(): Promise<Row[]> {
  const { bytes, ms } = await costOfOne();
  const alone: number[] = [];
  const many: number[] = [];
  // Alternate, so that other load on the machine affects both.
  for (let round = 0; round < ROUNDS; round++) {
    alone.push(await attemptsPerSecond(1));
    many.push(await attemptsPerSecond(REPLICAS));
  }
  const name = 'one process';
  return [
    { name: 'memory', amount: bytes / 1024 ** 2, unit: 'MB per replica', ratios: {} },
    { name: 'start', amount: ms, unit: 'ms per replica', ratios: {} },
    { name, amount: median(alone), unit: 'attempts per second', ratios: {} },
    {
      name: `${REPLICAS} replicas`,
      amount: median(many),
      unit: 'attempts per second',
      ratios: { [name]: median(many) / median(alone) },
    },
    // Each copy of the code is compiled and optimised by itself.
    {
      name: 'time',
      amount: (100 * (median(alone) / median(many) - 1)) / (REPLICAS - 1),
      unit: '% of an attempt per replica',
      ratios: {},
    },
  ];
}

/** Memory and import of one more replica, after a first that loads what is shared. */
async function costOfOne(): Promise<{ bytes: number; ms: number }> {
  const file = fileURLToPath(new URL('./replica-one.ts', import.meta.url));
  const child = fork(file, [CLIENT], { execArgv: ['--expose-gc'] });
  const add = async (): Promise<{ bytes: number; ms: number }> => {
    child.send('import');
    const [cost] = (await once(child, 'message')) as [{ bytes: number; ms: number }];
    return cost;
  };
  const first = await add();
  const more: { bytes: number; ms: number }[] = [];
  while (more.length < REPLICAS) more.push(await add());
  child.kill();
  return { bytes: (more.at(-1)!.bytes - first.bytes) / REPLICAS, ms: median(more.map(({ ms }) => ms)) };
}

/** Per second of the processor, from the first call to the last record, without the start of the replicas. */
async function attemptsPerSecond(replicas: number): Promise<number> {
  const scenario = await scenarioFrom(
    {
      name: 'bench',
      provider: {
        limits: [{ name: 'requests', scope: 'organization', capacity: 5, refill: '5/s' }],
        latency: { firstToken: '300ms', perToken: '0s' },
      },
      client: { module: CLIENT, replicas },
      load: [{ executor: 'constant-vus', vus: 20, duration: '15m', wait: { between: ['200ms', '500ms'] } }],
    },
    '/',
  );
  let ready = process.cpuUsage();
  const { records } = await runVirtual(scenario, {
    tool: 'bench',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: () => undefined,
    openJournal() {
      ready = process.cpuUsage();
      return { write: () => undefined, writeLines: () => undefined, close: () => undefined };
    },
  });
  const attempts = records.filter(({ type }) => type === 'attempt').length;
  const { user, system } = process.cpuUsage(ready);
  return (attempts * 1e6) / (user + system);
}
