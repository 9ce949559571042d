import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createAdmin } from '../../mock-server/admin.ts';
import { listen, type ProviderServer } from '../../mock-server/listen.ts';
import { wallClock } from '../../src/clock/wall-clock.ts';
import { parseFaults, parseLimits } from '../../src/scenario/parse-parts.ts';
import { HI, KEY, perPeriod, provider } from './openai-provider.ts';

const { nowUs } = wallClock();
const running: ProviderServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function serve(options: { token?: string; journalSize?: number } = {}) {
  const instant = { firstToken: { fixedUs: 0 }, perToken: { fixedUs: 0 } };
  const tested = provider({ latency: instant, limits: [perPeriod('requests', 2, 'day')] });
  const admin = createAdmin(tested, { nowUs, parseLimits, parseFaults, ...options });
  const server = await listen(tested, { nowUs, admin });
  running.push(server);
  return { url: server.url, port: server.port };
}

/** Sends a request with exactly these headers; `fetch` would override Host. */
function send(
  port: number,
  method: string,
  path: string,
  { body = '', headers = {} }: { body?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; text: string; json: () => ReturnType<typeof JSON.parse> }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text, json: () => JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const chat = (port: number): Promise<{ status: number }> =>
  send(port, 'POST', '/v1/chat/completions', { body: JSON.stringify(HI), headers: { authorization: `Bearer ${KEY}` } });

async function statuses(port: number, count: number): Promise<number[]> {
  const received = [];
  for (let n = 0; n < count; n++) received.push((await chat(port)).status);
  return received;
}

describe('admin routes', () => {
  it('read the state, and change limits and faults at run time', async () => {
    const { port } = await serve();
    expect(await statuses(port, 3)).toEqual([200, 200, 429]);
    const state = (await send(port, 'GET', '/__quotalab/state')).json();
    expect(state).toMatchObject({
      dialect: 'openai',
      buckets: [{ limit: 'requests per day', remaining: 0, amount: 2 }],
    });
    await send(port, 'POST', '/__quotalab/reset');
    expect(await statuses(port, 3)).toEqual([200, 200, 429]);
    const limits = { limits: [{ name: 'one', refill: '1/day' }] };
    await send(port, 'PUT', '/__quotalab/limits', { body: JSON.stringify(limits) });
    expect(await statuses(port, 2)).toEqual([200, 429]);
    const faults = { faults: [{ status: 500, first: 1 }] };
    await send(port, 'PUT', '/__quotalab/faults', { body: JSON.stringify(faults) });
    expect(await statuses(port, 2)).toEqual([500, 429]);
  });

  it('keep the buckets of an unchanged limit', async () => {
    const { port } = await serve();
    await chat(port);
    const same = { name: 'requests per day', refill: '2/day' };
    const limits = { limits: [same, { name: 'other', unit: 'tokens', refill: '9/day' }] };
    const changed = await send(port, 'PUT', '/__quotalab/limits', { body: JSON.stringify(limits) });
    expect(changed.json().buckets).toMatchObject([{ limit: 'requests per day', remaining: 1 }]);
  });

  it('filter and page the journal, without API keys', async () => {
    const { port } = await serve();
    await statuses(port, 5);
    const refused = (await send(port, 'GET', '/__quotalab/journal?status=429&limit=2')).json();
    expect(refused).toMatchObject({ total: 5, kept: 5, next: 4 });
    expect(refused.exchanges.map(({ number }: { number: number }) => number)).toEqual([3, 4]);
    const rest = await send(port, 'GET', `/__quotalab/journal?status=429&after=${refused.next}`);
    expect(rest.json()).toMatchObject({
      next: null,
      exchanges: [{ number: 5, sight: { deniedBy: 'requests per day' } }],
    });
    expect(rest.text).not.toContain(KEY);
    expect((await send(port, 'GET', '/__quotalab/journal?status=two&limit=0')).json().error.problems).toMatchObject([
      { path: 'status' },
      { path: 'limit' },
    ]);
  });

  it('drop the oldest exchanges', async () => {
    const { port } = await serve({ journalSize: 4 });
    await statuses(port, 9);
    const page = (await send(port, 'GET', '/__quotalab/journal')).json();
    expect(page).toMatchObject({ total: 9, kept: 4 });
    expect(page.exchanges.map(({ number }: { number: number }) => number)).toEqual([6, 7, 8, 9]);
  });

  it('return signals of each key', async () => {
    const { port } = await serve();
    await statuses(port, 3);
    expect((await send(port, 'GET', '/__quotalab/signals')).json().keys).toMatchObject([
      { requests: 3, userAgents: 1, withoutUserAgent: 3, samePrompt: expect.closeTo(2 / 3) },
    ]);
  });

  it('return Prometheus metrics without keys and models in labels', async () => {
    const { port } = await serve();
    await statuses(port, 3);
    const { text } = await send(port, 'GET', '/metrics');
    expect(text).toContain('quotalab_requests_total{endpoint="chat.completions",status="429",outcome="response"} 1');
    expect(text).toContain('quotalab_refusals_total{limit="requests per day"} 1');
    expect(text).toContain('quotalab_limit_remaining_ratio{limit="requests per day"} 0');
    expect(text).toContain('quotalab_tokens_total{kind="completion"} 16');
    expect(text).not.toMatch(/gpt-4o|sk-test/);
  });
});

describe('access', () => {
  const OWN = 'http://localhost:4010';

  it.each([
    // Programs: curl, SDKs and Node's fetch, which sends one of the fetch metadata headers.
    ['curl', {}, 200],
    ['Node’s fetch', { 'sec-fetch-mode': 'cors' }, 200],
    ['a forwarded port', { host: 'localhost:1' }, 200],
    ['IPv6', { host: '[::1]:4010' }, 200],
    // Browsers: an address that the user types, and a page of this server.
    ['a typed address', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
    ['a page of its own', { origin: OWN, referer: `${OWN}/__quotalab/state`, 'sec-fetch-site': 'same-origin' }, 200],
    // Pages elsewhere.
    ['a form', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, 'foreign-origin'],
    ['an old browser’s form', { origin: 'https://evil.example' }, 'foreign-origin'],
    ['a page on another port', { origin: 'http://localhost:9', 'sec-fetch-site': 'same-site' }, 'foreign-origin'],
    ['… of an old browser', { origin: 'http://localhost:9' }, 'foreign-origin'],
    ['a page on the same port by another name', { origin: 'http://127.0.0.1:4010' }, 'foreign-origin'],
    ['a page with TLS', { origin: 'https://localhost:4010' }, 'foreign-origin'],
    ['a sandboxed frame or a file', { origin: 'null' }, 'foreign-origin'],
    ['an image without Origin', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 'foreign-origin'],
    ['an image of another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' }, 'foreign-origin'],
    ['an old browser’s image', { referer: 'http://localhost:9/page' }, 'foreign-origin'],
    ['a link', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'foreign-origin'],
    ['a site that no standard names', { 'sec-fetch-site': 'elsewhere' }, 'foreign-origin'],
    ['a rebound name', { host: 'evil.example:4010', origin: 'http://evil.example:4010' }, 'foreign-host'],
    ['a host that is no address', { host: 'localhost:123456', origin: 'null' }, 'foreign-origin'],
  ])('a request of %s: %j %s', async (_name, headers, expected) => {
    const { port } = await serve();
    const reset = { headers: { host: 'localhost:4010', ...headers } as Record<string, string> };
    expect(await statuses(port, 3)).toEqual([200, 200, 429]);
    const answer = await send(port, 'POST', '/__quotalab/reset', reset);
    expect(answer.json().error?.code ?? answer.status).toBe(expected === 200 ? 200 : `admin/${expected}`);
    // A refused reset changes nothing.
    expect(await statuses(port, 1)).toEqual([expected === 200 ? 200 : 429]);
    const read = await send(port, 'GET', '/__quotalab/state', reset);
    expect(read.status).toBe(expected === 200 ? 200 : 403);
  });

  it('with a token, requires it from any host', async () => {
    const { port } = await serve({ token: 'secret' });
    const status = async (headers: Record<string, string>) =>
      (await send(port, 'GET', '/metrics', { headers: { host: 'box.lan', ...headers } })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer wrong!' })).toBe(401);
    expect(await status({ authorization: 'Bearer secret' })).toBe(200);
    expect(await status({ 'x-quotalab-token': 'secret' })).toBe(200);
  });
});

describe('invalid input changes nothing', () => {
  it.each([
    ['PUT', 'limits', '{"limits":', 400, 'admin/bad-json'],
    ['PUT', 'limits', '{"limits":[{"refil":"1/s"}]}', 400, 'scenario/invalid'],
    ['PUT', 'faults', '{"faults":[{"kind":"melt"}]}', 400, 'scenario/invalid'],
    ['PUT', 'faults', `{"faults":"${'x'.repeat(1024 * 1024)}"}`, 413, 'admin/too-large'],
    ['DELETE', 'limits', '', 405, 'admin/wrong-method'],
    ['GET', 'nothing', '', 404, 'admin/not-found'],
  ])('%s %s %#: %d %s', async (method, path, body, status, code) => {
    const { port } = await serve();
    const answer = await send(port, method, `/__quotalab/${path}`, { body });
    expect(answer.status).toBe(status);
    expect(answer.json().error.code).toBe(code);
    expect((await send(port, 'GET', '/__quotalab/state')).json().limits).toMatchObject([{ name: 'requests per day' }]);
  });
});
