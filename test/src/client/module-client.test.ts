import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';
import { type Client, providerEnvironment } from '../../../src/client/client.ts';
import { type ModuleClientOptions, startModuleClient } from '../../../src/client/module-client.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-client-'));
const clock = wallClock();
/** Packages of this project, for modules in a temporary folder. */
const from = (name: string): string => JSON.stringify(import.meta.resolve(name));

let server: Server | undefined;
let client: Client | undefined;
afterEach(async () => {
  await client?.stop();
  server?.closeAllConnections();
  server?.close();
  client = server = undefined;
});

async function startModule(
  code: string,
  url = 'http://127.0.0.1:1',
  rest: Partial<ModuleClientOptions> = {},
): Promise<{ client: Client; printed: string[] }> {
  const module = join(folder, `client-${Math.floor(clock.nowUs())}.mjs`);
  writeFileSync(module, code);
  const printed: string[] = [];
  client = await startModuleClient({
    code: { kind: 'module', module },
    env: providerEnvironment(url, { keys: 'any', dialect: 'openai' }),
    clockOriginUs: clock.originUs,
    guard: { allowHosts: [], proxyEnv: {} },
    print: (text) => printed.push(text),
    ...rest,
  });
  return { client, printed };
}

/** Starts a server that refuses first attempts, and collects its requests. */
async function startRefusingServer(): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    response.writeHead(request.headers['x-stainless-retry-count'] === '0' ? 429 : 200, { 'retry-after-ms': '1' });
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server!.once('listening', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const call = (id: number) => ({ id, vu: id, iteration: 0, model: 'gpt-4o-mini', prompt: `call ${id}`, stream: false });

describe('every attempt carries the tag of the call that made it', () => {
  const URL_OF = 'process.env.OPENAI_BASE_URL + "/" + call.id';
  it.each([
    ['fetch', `export default (call) => fetch(${URL_OF}).then((response) => response.text());`, 1],
    [
      'undici.request',
      `import { request } from ${from('undici')};\nexport default async (call) => { const { body } = await request(${URL_OF}); await body.text(); };`,
      1,
    ],
    [
      'node:http',
      `import http from 'node:http';\nexport default (call) => new Promise((resolve) => http.get(${URL_OF}, (response) => response.resume().on('end', resolve)));`,
      1,
    ],
    [
      'the openai SDK, including its retries',
      `import OpenAI from ${from('openai')};\nconst openai = new OpenAI();\nexport default (call) => openai.get('/' + call.id);`,
      2,
    ],
  ])('%s', async (_name, code, attempts) => {
    const { url, requests } = await startRefusingServer();
    const { client: tested } = await startModule(code, url);
    const outcomes = await Promise.all([1, 2, 3, 4, 5].map((id) => tested.call(call(id))));
    expect(outcomes.map(({ result }) => result)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(requests.length).toBe(5 * attempts);
    expect(requests.map(({ headers }) => headers['x-quotalab-call'])).toEqual(
      requests.map((request) => request.url!.split('/').at(-1)),
    );
  });

  it('except after losing the asynchronous context: a queue shared by all calls', async () => {
    const { url, requests } = await startRefusingServer();
    const code = `const jobs = [];\nsetInterval(() => { for (const job of jobs.splice(0)) job(); }, 1);\nexport default (call) => new Promise((resolve) => jobs.push(() => fetch(${URL_OF}).then(resolve)));`;
    const { client: tested } = await startModule(code, url);
    await tested.call(call(1));
    expect(requests.map(({ headers }) => headers['x-quotalab-call'])).toEqual([undefined]);
  });
});

describe('a client module', () => {
  it('has the provider in its environment during import, and its output goes to `print`', async () => {
    const { printed } = await startModule(
      'console.log(process.env.OPENAI_BASE_URL);\nexport default () => {};',
      'http://127.0.0.1:9',
    );
    while (printed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(printed.join('')).toBe('http://127.0.0.1:9/v1\n');
  });

  it.each([
    ['without pending work', ''],
    ['with a running timer', 'setInterval(() => {}, 1000);'],
  ])('whose import never finishes times out, %s', async (_name, before) => {
    await expect(
      startModule(before + 'await new Promise(() => {});\nexport default () => {};', undefined, {
        importTimeoutMs: 300,
      }),
    ).rejects.toMatchObject({
      code: 'client/never-ready',
    });
  });

  it.each([
    [
      'throw Object.assign(new RangeError("too many"), { status: 429, code: "rate_limit_exceeded" })',
      { name: 'RangeError', message: 'too many', status: 429, code: 'rate_limit_exceeded' },
    ],
    ['throw "just text"', { name: 'thrown', message: 'just text' }],
  ])('%s: the call fails with the error', async (code, error) => {
    const { client: tested } = await startModule(`export default () => { ${code}; };`);
    expect(await tested.call(call(1))).toMatchObject({ result: 'error', error });
  });

  it('gets an abort signal at the end of the run', async () => {
    const { client: tested, printed } = await startModule(
      'export default (call, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => { console.log("heard"); reject(new Error("over")); }));',
    );
    void tested.call(call(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await tested.stop();
    while (printed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(printed.join('')).toBe('heard\n');
  });

  it('in TypeScript inside node_modules is imported', async () => {
    const packaged = join(folder, 'node_modules/some-scenario');
    const { mkdirSync } = await import('node:fs');
    mkdirSync(packaged, { recursive: true });
    const module = join(packaged, 'client.ts');
    writeFileSync(module, 'export default async (call: { id: number }): Promise<number> => call.id;\n');
    const { client: tested } = await startModule('', undefined, { code: { kind: 'module', module } });
    expect(await tested.call(call(1))).toMatchObject({ result: 'ok' });
  });
});
