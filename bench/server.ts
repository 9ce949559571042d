import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { median, type Row } from './table.ts';

const SECONDS = 4;
const ROUNDS = 3;
const NAMES = {
  bare: 'bare node:http, same reply',
  quotalab: 'quotalab, 5 limits per request',
  live: 'the same, live page open',
  aimock: 'aimock, one fixture',
} as const;

type Name = keyof typeof NAMES;

/** Requests per second of the mock server with five limits, compared with a bare node:http server and aimock. */
export async function benchServer(): Promise<Row[]> {
  const names = Object.keys(NAMES) as Name[];
  const measured: Record<Name, number[]> = { bare: [], quotalab: [], live: [], aimock: [] };
  for (let round = 0; round < ROUNDS; round++) {
    // Alternate, so that a slowdown of the machine affects all of them.
    for (const name of names) measured[name].push(await measure(name));
  }
  const rateOf = (name: Name): number => median(measured[name]);
  const ratiosTo = (name: Name, ...baselines: readonly Name[]): Record<string, number> =>
    Object.fromEntries(baselines.map((baseline) => [baseline, rateOf(name) / rateOf(baseline)]));
  const ratios: Readonly<Partial<Record<Name, Row['ratios']>>> = {
    quotalab: ratiosTo('quotalab', 'bare', 'aimock'),
    live: ratiosTo('live', 'quotalab'),
  };
  return names.map((name) => ({
    name: NAMES[name],
    amount: rateOf(name),
    unit: 'per second',
    ratios: ratios[name] ?? {},
  }));
}

/** Reads the events of a live page until its server ends. */
async function openPage(page: string): Promise<void> {
  const events = new URL(page);
  events.pathname = '/events';
  const { body } = await fetch(events);
  void body?.pipeTo(new WritableStream()).catch(() => undefined);
}

async function measure(name: Name): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./serve-one.ts', import.meta.url)), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url, page] = await new Promise<string[]>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(String(data).trim().split(' '))),
  );
  if (page !== undefined) await openPage(page);
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
  const request = {
    url: `${url}/v1/chat/completions`,
    method: 'POST',
    headers: { authorization: 'Bearer sk-bench', 'content-type': 'application/json' },
    body,
    connections: 32,
  } as const;
  await autocannon({ ...request, duration: 1 });
  const result = await autocannon({ ...request, duration: SECONDS });
  child.kill();
  if (result['2xx'] === 0 || result.non2xx > 0)
    throw new Error(`${name}: ${result['2xx']} answers, ${result.non2xx} refusals`);
  return result['2xx'] / result.duration;
}
