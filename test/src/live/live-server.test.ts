import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { QuotaLabError } from '../../../mock-server/error.ts';
import type { Exchange } from '../../../mock-server/exchange.ts';
import type { AttemptRecord } from '../../../src/journal/call-records.ts';
import type { LiveEvent } from '../../../src/live/live-event.ts';
import { createLiveFeed } from '../../../src/live/live-feed.ts';
import { type LiveServer, startLiveServer } from '../../../src/live/live-server.ts';
import { createRing } from '../../../src/live/record-ring.ts';
import { header, strip } from '../analysis/strip.ts';

let server: LiveServer | undefined;

afterEach(() => server?.close());

const start = async (options: Partial<Parameters<typeof startLiveServer>[0]> = {}): Promise<LiveServer> => {
  server = await startLiveServer({ page: '<p>live', ...options });
  return server;
};

const control = () => ({ limits: vi.fn(), faults: vi.fn(), reset: vi.fn() });

/** The status of a request to the server, with these headers; `host` cannot be set with fetch. */
function statusOf(url: string | URL, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject).end();
  });
}

const at = (path: string): URL => {
  const url = new URL(server!.url);
  url.pathname = path;
  return url;
};

/** Reads the events that a viewer gets until the server closes. */
async function eventsIn(response: Response): Promise<LiveEvent[]> {
  const text = await response.text();
  return text
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.slice('data: '.length)) as LiveEvent);
}

/** An answered request of 1 ms. */
const exchange = (number: number): Exchange => {
  const [, { type: _, id: __, startUs: ___, endUs: ____, outcome: _____, ...view }] = strip('a.1 0-20 200') as [
    unknown,
    AttemptRecord,
  ];
  return { view, startUs: number * 100, endUs: number * 100 + 1000, outcome: 'response' };
};

describe('createLiveFeed', () => {
  it('keeps each record of a burst, and counts of each second once there are more than 1,000 a second', () => {
    const feed = createLiveFeed();
    feed.begin({ ...header(), time: 'wall' });
    const made = vi.fn(() => strip('a.1 0-20 200')[1]!);
    const add = (from: number, to: number): void => {
      for (let number = from; number < to; number++) feed.pushExchange(exchange(number), 0, made);
    };
    add(0, 10_000);
    expect([feed.counted, feed.total, made.mock.calls.length]).toEqual([false, 10_000, 0]);
    feed.tick(1000);
    add(10_000, 11_000);
    expect(feed.counted).toBe(false);
    add(11_000, 35_000);
    expect(feed.counted).toBe(true);
    // All of the run, those before it were too many as well: 10,000 a second.
    const { items, skipped } = feed.read(feed.start, 100);
    expect(skipped).toBe(0);
    const counts = items.map((record) => record.type === 'second' && record.attempts?.[0]?.count);
    expect(counts).toEqual([9990, 10_000, 10_000]);
    expect(feed.recent()).toHaveLength(20);
    feed.begin({ ...header(), time: 'wall' });
    expect([feed.counted, feed.total]).toEqual([false, 0]);
  });

  it('keeps each record in virtual time, where nobody waits', () => {
    const feed = createLiveFeed();
    feed.begin({ ...header(), time: 'virtual' });
    const [, attempt] = strip('a.1 0-20 200');
    for (let number = 0; number < 15_000; number++) feed.push(attempt!);
    expect([feed.counted, feed.total]).toEqual([false, 15_000]);
  });
});

describe('startLiveServer', () => {
  it('sends a viewer the run from its start, then what comes, then that it is over', async () => {
    const live = await start();
    const [call, first, second] = strip('a.1 0-20 429\na.2 1000-1020 200');
    live.begin(header());
    live.push(first!);
    // The head of the reply: the viewer is there.
    const response = await fetch(at('/events'));
    live.push(second!);
    live.push(call!);
    const [events] = await Promise.all([eventsIn(response), live.close()]);
    const [hello, ...others] = events;
    expect(hello).toMatchObject({ kind: 'hello', hasControl: false, header: { type: 'header' } });
    expect(others.pop()).toEqual({ kind: 'over' });
    expect(others.flatMap((event) => (event.kind === 'records' ? event.records : []))).toEqual([first, second, call]);
  });

  it('starts anew with the next run', async () => {
    const live = await start();
    const [, attempt] = strip('a.1 0-20 429');
    live.begin(header());
    live.push(attempt!);
    live.begin({ ...header(), seed: 2 });
    const response = await fetch(at('/events'));
    const [events] = await Promise.all([eventsIn(response), live.close()]);
    expect(events).toMatchObject([{ kind: 'hello', header: { seed: 2 } }, { kind: 'over' }]);
  });

  it('opens to the token, on this machine, and to no page of another origin', async () => {
    const { url } = await start({ control: control() });
    const events = at('/events');
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(events)).toBe(200);
    expect(await statusOf(events, { 'sec-fetch-site': 'same-origin' })).toBe(200);
    const { origin } = new URL(url);
    expect(await statusOf(`${origin}/`)).toBe(403);
    expect(await statusOf(`${origin}/events?token=guess`)).toBe(403);
    expect(await statusOf(url, { host: 'rebound.example:80' })).toBe(403);
    expect(await statusOf(events, { origin: 'http://evil.example' })).toBe(403);
    expect(await statusOf(events, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await statusOf(at('/reset'), { 'sec-fetch-site': 'same-site' }, 'PUT')).toBe(403);
  });

  it('lets a viewer change limits only where there is a provider to change', async () => {
    const limits = vi.fn((raw: unknown) => {
      if (raw !== null) return;
      const problems = [{ path: 'limits[0]', message: 'is no limit', hint: 'requests 5/s' }];
      throw new QuotaLabError('scenario/invalid', 'invalid limits', { problems });
    });
    await start({ control: { ...control(), limits } });
    const put = (body: string) => fetch(at('/limits'), { method: 'PUT', body });
    expect((await put('{"limits":["requests 5/s"]}')).status).toBe(204);
    expect(limits).toHaveBeenCalledWith({ limits: ['requests 5/s'] });
    const refused = await put('null');
    expect([refused.status, await refused.text()]).toEqual([
      400,
      'invalid limits\nlimits[0] is no limit (requests 5/s)',
    ]);
    await server!.close();
    await start();
    expect((await put('{}')).status).toBe(404);
  });
});

it('a ring keeps the last items and says how many came before', () => {
  const ring = createRing<number>(3);
  for (let item = 0; item < 10; item++) ring.add(item);
  const { items, skipped, next } = ring.read(2, 100);
  expect(skipped).toBeGreaterThan(0);
  expect(items.slice(-3)).toEqual([7, 8, 9]);
  expect(items[0]).toBe(2 + skipped);
  expect(next).toBe(10);
  expect(ring.read(next, 100)).toEqual({ items: [], skipped: 0, next: 10 });
  expect(ring.read(8, 1)).toEqual({ items: [8], skipped: 0, next: 9 });
});
