import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, providerEnvironment } from '../../../src/client/client.ts';
import { startModuleClient } from '../../../src/client/module-client.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'quotalab-tags-'));
const clock = wallClock();
/** A package of this project, for modules in a temporary folder. */
const UNDICI = JSON.stringify(import.meta.resolve('undici'));

let server: Server | undefined;
let client: Client | undefined;
afterEach(async () => {
  await client?.stop();
  server?.closeAllConnections();
  server?.close();
  client = server = undefined;
});

/** Makes five concurrent calls with a module. Returns `call>tag` of each request at the server; `call` ends the path. */
async function collectTags(code: string): Promise<string[]> {
  const requests: IncomingMessage[] = [];
  server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    if (request.url!.includes('/moved/')) response.writeHead(307, { location: request.url!.replace('/moved', '') });
    response.end('{}');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server!.once('listening', resolve));
  const module = join(folder, `client-${clock.nowUs()}.mjs`);
  writeFileSync(module, code);
  client = await startModuleClient({
    code: { kind: 'module', module },
    env: providerEnvironment(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      keys: 'any',
      dialect: 'openai',
    }),
    clockOriginUs: clock.originUs,
    guard: { allowHosts: [], proxyEnv: {} },
    print: () => undefined,
  });
  const calls = [1, 2, 3, 4, 5].map((id) =>
    client!.call({ id, vu: id, iteration: 0, model: 'gpt-4o-mini', prompt: `call ${id}`, stream: false }),
  );
  // Calls of a dead client never settle.
  const died = client.died.then((error) => {
    throw error;
  });
  const outcomes = await Promise.race([Promise.all(calls), died]);
  expect(outcomes.map(({ result, error }) => error?.message ?? result)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
  return requests.map(({ url, headers }) => `${url!.split('/').at(-1)}>${headers['x-quotalab-call']}`).sort();
}

/** A module that uses node:http; `options` and `send` are code. */
const withHttp = (options: string, send = 'request.end();'): string => `import http from 'node:http';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
export default (call) =>
  new Promise((resolve, reject) => {
    const request = http.request(process.env.OPENAI_BASE_URL + '/' + call.id, ${options});
    request.on('response', (response) => response.resume().on('end', resolve)).on('error', reject);
    ${send}
  });
`;

const OWN_TAGS = ['1>1', '2>2', '3>3', '4>4', '5>5'];

describe('five concurrent calls keep their own tags', () => {
  it.each([
    [
      'on a second request after a wait',
      `const send = async (call) => { const response = await fetch(process.env.OPENAI_BASE_URL + '/' + call.id); await response.text(); };
export default async (call) => {
  await send(call);
  await new Promise((resolve) => setTimeout(resolve, 50 - 10 * call.id));
  await send(call);
};`,
      OWN_TAGS.flatMap((tag) => [tag, tag]),
    ],
    [
      'when fetch follows a redirect',
      `export default async (call) => { const response = await fetch(process.env.OPENAI_BASE_URL + '/moved/' + call.id); await response.text(); };`,
      OWN_TAGS.flatMap((tag) => [tag, tag]),
    ],
    [
      'when queued for the only connection of an undici pool',
      `import { Pool } from ${UNDICI};
const pool = new Pool(new URL(process.env.OPENAI_BASE_URL).origin, { connections: 1 });
export default async (call) => { const { body } = await pool.request({ path: '/' + call.id, method: 'GET' }); await body.text(); };`,
      OWN_TAGS,
    ],
    ['when queued for the only socket of an http agent', withHttp('{ agent }'), OWN_TAGS],
  ])('%s', async (_name, code, expected) => {
    expect(await collectTags(code)).toEqual(expected);
  });
});

describe('requests that cannot be tagged are sent unchanged', () => {
  it.each([
    ['headers given as a list', withHttp("{ headers: ['host', 'localhost', 'x-mine', '1'] }")],
    [
      'a request that expects 100-continue',
      withHttp(
        "{ method: 'POST', headers: { expect: '100-continue' } }",
        "request.on('continue', () => request.end('{}'));",
      ),
    ],
  ])('%s', async (_name, code) => {
    const untagged = [1, 2, 3, 4, 5].map((id) => `${id}>undefined`);
    expect(await collectTags(code)).toEqual(untagged);
  });
});
