import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { digest } from '../mock-server/digest.ts';
import { createProvider } from '../mock-server/provider.ts';
import { runVirtual } from '../src/run/virtual.ts';
import { parseLimitLine } from '../src/scenario/limit-line.ts';
import { loadScenario } from '../src/scenario/load-scenario.ts';
import { resolveProvider } from '../src/scenario/resolve-provider.ts';
import { median, type Row } from './table.ts';
import type { FixedReply, FloorSettings } from './virtual-floor.ts';

const VUS = 20;
const MINUTES = 15;
const LATENCY_MS = 300;
const ROUNDS = 3;

/**
 * Attempts per second of real clients in virtual time, compared with the same clients on fake timers and a bare
 * fetch.
 */
export async function benchVirtual(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of ['openai-node', 'p-retry']) {
    const client = fileURLToPath(new URL(`../test/truth/clients/${name}.ts`, import.meta.url));
    const floors: number[] = [];
    const ours: number[] = [];
    // Alternate, so that other load on the machine affects both.
    for (let round = 0; round < ROUNDS; round++) {
      floors.push(await floor(client));
      ours.push(await virtual(client));
    }
    const bare = `${name}, bare floor`;
    rows.push({ name: bare, amount: median(floors), unit: 'per second', ratios: {} });
    rows.push({
      name: `${name}, virtual`,
      amount: median(ours),
      unit: 'per second',
      ratios: { [bare]: median(ours) / median(floors) },
    });
  }
  return rows;
}

function floor(client: string): Promise<number> {
  const replies = { answer: fixedReply(100), refusal: fixedReply(1) };
  const workerData: FloorSettings = {
    client,
    vus: VUS,
    durationMs: MINUTES * 60_000,
    latencyMs: LATENCY_MS,
    ...replies,
  };
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./virtual-floor.ts', import.meta.url), { workerData });
    worker.on('message', ({ attempts, ms }: { attempts: number; ms: number }) => resolve((attempts * 1000) / ms));
    worker.on('error', reject);
  });
}

/** Returns the mock's reply to the second of two concurrent requests against a limit of `capacity` per second. */
function fixedReply(capacity: number): FixedReply {
  const limits = parseLimitLine(`requests ${capacity}/s burst ${capacity}`);
  const provider = createProvider({ ...resolveProvider({}, 1), limits }, digest);
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
  const headers = { authorization: 'Bearer sk-bench' };
  const request = { method: 'POST', target: '/v1/chat/completions', headers, body, ip: '127.0.0.1' };
  provider.receive(request, 0);
  const reply = provider.receive(request, 0);
  return { status: reply.status, headers: reply.headers, body: reply.frames[0]!.text };
}

/** Attempts per second from client startup to the last journal line, without analysis. */
async function virtual(client: string): Promise<number> {
  const file = join(mkdtempSync(join(tmpdir(), 'quotalab-bench-')), 'scenario.yaml');
  writeFileSync(
    file,
    `name: bench
provider:
  limits: [{ name: requests, scope: organization, capacity: 5, refill: 5/s }]
  latency: { firstToken: ${LATENCY_MS}ms, perToken: 0s }
client: { module: ${client} }
load: [{ executor: constant-vus, vus: ${VUS}, duration: ${MINUTES}m, wait: { between: [200ms, 500ms] } }]
`,
  );
  let readyMs = 0;
  const { records } = await runVirtual(await loadScenario(file), {
    tool: 'bench',
    allowHosts: [],
    interrupted: new AbortController().signal,
    print: () => undefined,
    openJournal() {
      readyMs = performance.now();
      return { write: () => undefined, writeLines: () => undefined, close: () => undefined };
    },
  });
  const attempts = records.filter(({ type }) => type === 'attempt').length;
  return (attempts * 1000) / (performance.now() - readyMs);
}
