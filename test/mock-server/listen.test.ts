import { connect, createServer, type Socket } from 'node:net';
import OpenAI from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Exchange } from '../../mock-server/exchange.ts';
import { listen, type ProviderServer } from '../../mock-server/listen.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { scaledClock } from '../../src/clock/scaled-clock.ts';
import { wallClock } from '../../src/clock/wall-clock.ts';
import { HI, KEY, perPeriod, provider } from './openai-provider.ts';

const clock = wallClock();
const INSTANT = { firstToken: { fixedUs: 0 }, perToken: { fixedUs: 0 } };

const running: ProviderServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

/** Serves a provider on a free port and collects its exchanges. */
async function serve(
  settings: Partial<ProviderSettings> = {},
  maxBodyBytes?: number,
  bounds: { maxHeaders?: number; requestTimeoutMs?: number; nowUs?: () => number; speed?: number } = {},
) {
  const exchanges: Exchange[] = [];
  const tested = provider({ latency: INSTANT, ...settings });
  const server = await listen(tested, {
    nowUs: clock.nowUs,
    onExchange: (exchange) => exchanges.push(exchange),
    ...(maxBodyBytes !== undefined && { maxBodyBytes }),
    ...bounds,
  });
  running.push(server);
  return { server, exchanges, tested, openai: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: KEY, maxRetries: 0 }) };
}

const post = (url: string, body: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}` },
    body,
    ...(signal && { signal }),
  });

/** Waits until a condition holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

describe('the real SDK', () => {
  it('gets an answer', async () => {
    const { openai, exchanges } = await serve();
    const answer = await openai.chat.completions.create({
      model: 'gpt-4o-mini',
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(answer.choices[0]?.message.content).toMatch(/^[A-Z]/);
    await until(() => exchanges.length === 1);
    expect(exchanges[0]).toMatchObject({
      outcome: 'response',
      view: { status: 200, endpoint: 'chat.completions', retryCount: 0 },
    });
  });

  it('reads a stream, its usage at the end', async () => {
    const { openai } = await serve();
    const stream = await openai.chat.completions.create({
      ...(HI as { model: string; messages: [{ role: 'user'; content: string }] }),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(
      chunks
        .map(({ choices }) => choices[0]?.delta.content ?? '')
        .join('')
        .split(' ').length,
    ).toBe(8);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(8);
  });

  it('gets embeddings, requested as base64', async () => {
    const { openai } = await serve();
    const { data } = await openai.embeddings.create({
      model: 'text-embedding-3-small',
      input: ['a', 'b'],
      dimensions: 16,
    });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([16, 16]);
    expect(data[0]!.embedding).not.toEqual(data[1]!.embedding);
  });

  it('lists models and retrieves one', async () => {
    const { openai } = await serve();
    expect((await openai.models.list()).data.map(({ id }) => id)).toContain('gpt-4o-mini');
    expect((await openai.models.retrieve('gpt-4o')).id).toBe('gpt-4o');
  });

  it('throws RateLimitError on a 429, and is admitted after the requested wait', async () => {
    // The test controls time: on a busy machine, the second request could arrive after the wait.
    let nowUs = clock.nowUs();
    const limits = [
      perPeriod('requests', 600, 'min', {
        spec: { algorithm: 'token-bucket', capacity: 1, refill: { amount: 600, periodUs: 60_000_000 } },
      }),
    ];
    const { openai } = await serve({ limits }, undefined, { nowUs: () => nowUs });
    const send = () =>
      openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
    await send();
    const error = await send().catch((caught: unknown) => caught as InstanceType<typeof OpenAI.RateLimitError>);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', type: 'requests' });
    const requestedMs = /try again in (\d+)ms/.exec((error as Error).message)?.[1];
    expect(requestedMs).toBe('100');
    nowUs += Number(requestedMs) * 1000;
    expect((await send()).object).toBe('chat.completion');
  });
});

describe('sockets', () => {
  it('release the concurrency of a client that disconnects in mid-stream', async () => {
    const slow = { firstToken: { fixedUs: 1000 }, perToken: { fixedUs: 50_000 } };
    const spec = { algorithm: 'concurrency', amount: 1 } as const;
    const { server, exchanges } = await serve({
      latency: slow,
      limits: [perPeriod('concurrent', 1, 'min', { name: 'at once', spec })],
    });
    const controller = new AbortController();
    const response = await post(server.url, JSON.stringify({ ...HI, stream: true }), controller.signal);
    await response.body!.getReader().read();
    expect((await post(server.url, JSON.stringify(HI))).status).toBe(429);
    controller.abort();
    await until(() => exchanges.some(({ outcome }) => outcome === 'aborted'));
    expect((await post(server.url, JSON.stringify(HI))).status).toBe(200);
  });

  it('run timers and dates on a scaled clock', async () => {
    const fast = scaledClock(clock, 1000, { machineUs: clock.nowUs(), scaledUs: 1_767_225_600_000_000 });
    const latency = { firstToken: { fixedUs: 20_000_000 }, perToken: { fixedUs: 0 } };
    const { server, exchanges } = await serve({ latency }, undefined, { nowUs: fast.nowUs, speed: 1000 });
    const response = await post(server.url, JSON.stringify(HI));
    await response.text();
    await until(() => exchanges.length === 1);
    const { startUs, headersUs } = exchanges[0]!;
    expect(headersUs! - startUs).toBeGreaterThanOrEqual(20_000_000);
    expect(Date.parse(response.headers.get('date')!) * 1000).toBe(Math.floor(headersUs! / 1e6) * 1e6);
    expect(response.headers.get('date')).toMatch(/ Jan 2026 /);
  });

  it('send no head if the client disconnects before it is due', async () => {
    const { server, exchanges } = await serve({
      latency: { firstToken: { fixedUs: 60_000_000 }, perToken: { fixedUs: 0 } },
    });
    const controller = new AbortController();
    const pending = post(server.url, JSON.stringify(HI), controller.signal).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 30));
    controller.abort();
    await pending;
    await until(() => exchanges.length === 1);
    expect(exchanges[0]).toMatchObject({ outcome: 'aborted' });
    expect(exchanges[0]).not.toHaveProperty('headersUs');
  });

  it('report open replies as open when closing', async () => {
    const { server, exchanges, tested } = await serve({
      latency: { firstToken: { fixedUs: 60_000_000 }, perToken: { fixedUs: 0 } },
    });
    const received = vi.spyOn(tested, 'receive');
    const pending = post(server.url, JSON.stringify(HI)).catch((error: unknown) => error);
    await until(() => received.mock.calls.length === 1);
    await server.close();
    expect(await pending).toBeInstanceOf(Error);
    expect(exchanges).toMatchObject([{ outcome: 'open' }]);
  });

  it('reject an oversized body before reading it', async () => {
    const { server } = await serve({}, 1000);
    const response = await post(server.url, 'x'.repeat(5000));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });

  it.each([
    'nonsense\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'POST /v1/chat/completions HTTP/1.1\r\ncontent-length: x\r\n\r\n',
  ])('%j gets a 400, and the server keeps running', async (bytes) => {
    const { server } = await serve();
    const answer = await new Promise<string>((resolve) => {
      const socket: Socket = connect(server.port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.on('data', (data) => {
        text += String(data);
      });
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect((await post(server.url, JSON.stringify(HI))).status).toBe(200);
  });

  /** Sends bytes and returns everything received until the socket closes. */
  const exchange = (port: number, bytes: string | Buffer): Promise<string> =>
    new Promise((resolve) => {
      const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
      let text = '';
      socket.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      socket.on('close', () => resolve(text)).on('error', () => resolve(text));
    });
  const head = 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\nconnection: close\r\n';

  it.each([
    ['no Host', 'POST /v1/models HTTP/1.1\r\n\r\n', 400, 'no Host header'],
    ['too many headers', `${head}${'x: y\r\n'.repeat(20)}\r\n`, 431, 'too many'],
    ['a header that is too long', `${head}x: ${'y'.repeat(40_000)}\r\n\r\n`, 431, 'too many'],
    ['a request that is too slow', `${head}content-length: 10\r\n\r\n{`, 408, 'too long to arrive'],
    ['invalid UTF-8', Buffer.from(`${head}content-length: 2\r\n\r\n\xff\xfe`, 'latin1'), 400, 'not valid UTF-8'],
  ])('%s: an error in the dialect’s format', async (_name, bytes, status, message) => {
    for (const dialect of ['openai', 'anthropic', 'gemini'] as const) {
      const { server } = await serve({ dialect }, undefined, { maxHeaders: 10, requestTimeoutMs: 200 });
      const text = await exchange(server.port, bytes);
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      const body = JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
      expect(body.error.message).toContain(message);
      expect(Object.keys(body)).toContain(dialect === 'anthropic' ? 'request_id' : 'error');
    }
  });

  it('ignore an incomplete request', async () => {
    const { server, exchanges } = await serve();
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"mo');
        setTimeout(() => socket.destroy(), 20);
      });
      socket.on('close', () => resolve());
    });
    expect((await post(server.url, JSON.stringify(HI))).status).toBe(200);
    expect(exchanges.filter(({ outcome }) => outcome !== 'response')).toEqual([]);
  });

  it('listen on loopback only, and report a port in use', async () => {
    const { server } = await serve();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const { port } = blocker.address() as { port: number };
    await expect(listen(provider(), { nowUs: clock.nowUs, port })).rejects.toMatchObject({
      code: 'provider/port-in-use',
    });
    blocker.close();
  });
});
