import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { median, type Row } from './table.ts';

const SECONDS = 4;
const ROUNDS = 3;
const NAMES = ['bare', 'quotalab', 'aimock'] as const;

/** Requests per second of the mock server with five limits, compared with a bare node:http server and aimock. */
export async function benchServer(): Promise<Row[]> {
  const measured: Record<string, number[]> = { bare: [], quotalab: [], aimock: [] };
  for (let round = 0; round < ROUNDS; round++) {
    // Alternate, so that a slowdown of the machine affects all of them.
    for (const name of NAMES) measured[name]!.push(await measure(name));
  }
  const rateOf = (name: string): number => median(measured[name]!);
  return NAMES.map(
    (name): Row => ({
      name:
        name === 'bare'
          ? 'bare node:http, same reply'
          : name === 'quotalab'
            ? 'quotalab, 5 limits per request'
            : 'aimock, one fixture',
      amount: rateOf(name),
      unit: 'per second',
      ratios:
        name === 'quotalab'
          ? { bare: rateOf(name) / rateOf('bare'), aimock: rateOf(name) / rateOf('aimock') }
          : ({} as Row['ratios']),
    }),
  );
}

async function measure(name: string): Promise<number> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./serve-one.ts', import.meta.url)), name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(String(data).trim())),
  );
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
