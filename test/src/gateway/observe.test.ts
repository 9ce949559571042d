import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digest } from '../../../mock-server/digest.ts';
import { chat, scriptedGateway, serveBehind } from './serve-behind.ts';

// A gateway is a separate process and starts slowly on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const ONE_A_MINUTE = [
  {
    name: 'requests',
    scope: 'organization',
    unit: 'requests',
    algorithm: 'token-bucket',
    capacity: 1,
    refill: '1/min',
  },
] as const;

let open: { close(): Promise<void> } | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

async function serveBehindScript(handler: string, provider: Parameters<typeof serveBehind>[1] = {}) {
  const served = await serveBehind(scriptedGateway(handler), provider);
  open = served;
  return served;
}

describe('the source of a reply', () => {
  it('records a forwarded request with the provider’s view', async () => {
    const { url, exchanges } = await serveBehindScript('pass();', { limits: [...ONE_A_MINUTE] });
    const statuses = [(await chat(url, 'one')).status, (await chat(url, 'two')).status];
    await vi.waitFor(() => expect(exchanges).toHaveLength(2));
    expect(statuses).toEqual([200, 429]);
    expect(exchanges.map(({ via }) => via)).toEqual([{}, {}]);
    expect(exchanges[1]!.view).toMatchObject({
      status: 429,
      deniedBy: 'requests',
      errorCode: 'rate_limit_exceeded',
      retryAfterRaw: '60',
      key: digest('sk-test'),
    });
    expect(exchanges[0]!.view).toMatchObject({ limits: [{ limit: 'requests', admit: true, before: 1, after: 0 }] });
  });

  it('adds the headers of the gateway, in place of the client’s own', async () => {
    const served = await serveBehind(
      {
        ...scriptedGateway(`response.end(JSON.stringify(incoming.headers));`),
        headers: { 'X-Custom-Host': 'http://{upstream}/v1', 'x-team': 'blue' },
      },
      {},
    );
    open = served;
    const reply = await chat(served.url, 'one', { headers: { 'X-Team': 'red', authorization: 'Bearer sk-test' } });
    const received = (await reply.json()) as Record<string, string>;
    expect(received['x-custom-host']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    expect(received['x-team']).toBe('blue');
    expect(received.authorization).toBe('Bearer sk-test');
  });

  it('records a request that does not reach the provider', async () => {
    const { url, exchanges } = await serveBehindScript(
      `response.writeHead(429, { 'retry-after': '7' }).end('{"error":{"code":"slow"}}');`,
    );
    await chat(url, 'refused').then((response) => response.text());
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    const [{ view, via, outcome }] = exchanges as [(typeof exchanges)[0]];
    expect({ via, outcome }).toEqual({ via: { answeredBy: 'gateway' }, outcome: 'response' });
    expect(view).toMatchObject({
      endpoint: 'chat.completions',
      model: 'gpt-4o-mini',
      key: digest('sk-test'),
      status: 429,
      retryAfterRaw: '7',
      retryAfterUs: 7e6,
      errorCode: 'slow',
      limits: [],
    });
    expect(JSON.stringify(exchanges)).not.toMatch(/sk-test|refused/);
  });

  it('attributes a reply with a different status to the gateway', async () => {
    const { url, exchanges } = await serveBehindScript(
      `send(incoming, body, incoming.headers, (reply) => { reply.resume(); response.writeHead(502).end('<html>'); });`,
      { limits: [...ONE_A_MINUTE] },
    );
    await chat(url, 'lost').then((response) => response.text());
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ view: { status: 502 }, via: { answeredBy: 'gateway' } });
    // The provider's admission is still recorded.
    expect(exchanges[0]!.view.limits).toMatchObject([{ admit: true, after: 0 }]);
  });

  it('counts the upstream requests of a gateway that retries', async () => {
    const { url, exchanges } = await serveBehindScript(
      `send(incoming, body, incoming.headers, (first) => { first.resume(); first.on('end', () => pass()); });`,
      { limits: [...ONE_A_MINUTE] },
    );
    expect((await chat(url, 'again')).status).toBe(429);
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ view: { status: 429, deniedBy: 'requests' }, via: { upstream: 2 } });
  });
});

describe('a gateway that drops headers', () => {
  const STRIPPED = `{ headers: { authorization: incoming.headers.authorization, 'content-type': 'application/json' } }`;

  it('matches requests by body', async () => {
    const { url, exchanges } = await serveBehindScript(`pass(${STRIPPED});`);
    await Promise.all(['one', 'two', 'three'].map((prompt) => chat(url, prompt).then((response) => response.text())));
    await vi.waitFor(() => expect(exchanges).toHaveLength(3));
    expect(exchanges.map(({ via }) => via)).toEqual([{}, {}, {}]);
    expect(exchanges.every(({ view }) => view.promptTokens !== undefined)).toBe(true);
  });

  it('a changed body is unclear among several open requests and matched when alone', async () => {
    const { url, exchanges } = await serveBehindScript(`
      const other = { headers: { authorization: incoming.headers.authorization }, text: body.replace('gpt', 'gpt') + ' ' };
      if (body.includes('alone')) return pass(other);
      waiting.push(() => pass(other));
      if (waiting.length === 2) for (const go of waiting) go();
    `);
    await chat(url, 'alone').then((response) => response.text());
    await Promise.all(['one', 'two'].map((prompt) => chat(url, prompt).then((response) => response.text())));
    await vi.waitFor(() => expect(exchanges).toHaveLength(3));
    const [alone, ...both] = exchanges.map(({ via }) => via);
    expect(alone).toEqual({});
    // The first may end before the second is decided, which is then the only open one.
    expect(both).toContainEqual({ answeredBy: 'unclear' });
  });
});

describe('transparent forwarding', () => {
  it('streams: the first chunk arrives before the last is written', async () => {
    const { url } = await serveBehindScript(`
      if (body.includes('stream')) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: first\\n\\n');
        waiting.push(() => response.end('data: last\\n\\n'));
      } else {
        for (const go of waiting) go();
        response.end();
      }
    `);
    const response = await chat(url, 'stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('data: first\n\n');
    // The gateway continues only after this request.
    await chat(url, 'go on');
    expect((await reader.read()).value).toBe('data: last\n\n');
    expect((await reader.read()).done).toBe(true);
  });

  it('aborts the request of a client that disconnects', async () => {
    const { url, exchanges } = await serveBehindScript(`
      if (body.includes('leave')) {
        response.write('here');
        response.on('close', () => waiting.forEach((reply) => reply()));
      } else waiting.push(() => response.end('disconnected'));
    `);
    const waiter = chat(url, 'wait').then((response) => response.text());
    const leaving = new AbortController();
    const left = await chat(url, 'leave', { signal: leaving.signal });
    leaving.abort();
    await expect(left.text()).rejects.toThrow(/abort/);
    await vi.waitFor(() => expect(exchanges[0]).toMatchObject({ outcome: 'aborted', via: { answeredBy: 'gateway' } }));
    // Disconnect again: the waiter may have arrived after the first disconnect.
    const second = await chat(url, 'leave');
    await second.body?.cancel();
    expect(await waiter).toBe('disconnected');
  });

  it.each([
    ['is reset', 'response.socket.resetAndDestroy();', 0],
    ['is closed without a reply', 'response.destroy();', 0],
    ['breaks during the reply', `response.writeHead(200); response.write('half', () => response.destroy());`, 200],
  ])('forwards a connection that %s', async (_, handler, status) => {
    const { url, exchanges } = await serveBehindScript(handler);
    await expect(chat(url, 'break').then((response) => response.text())).rejects.toThrow(/fetch failed|terminated/);
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ outcome: 'reset', view: { status }, via: { answeredBy: 'gateway' } });
  });

  it('closes the client’s connection when the gateway closes an idle one', async () => {
    const { url } = await serveBehindScript(
      `server.keepAliveTimeout = 1; server.keepAliveTimeoutBuffer = 0; response.end('ok');`,
    );
    const agent = new Agent({ keepAlive: true });
    const send = async (): Promise<boolean> => {
      const outgoing = request(`${url}/v1/models`, { agent }).end();
      const [reply] = await once(outgoing, 'response');
      const socket = outgoing.socket!;
      const closed = once(socket, 'close');
      reply.resume();
      await closed;
      return outgoing.reusedSocket;
    };
    expect([await send(), await send()]).toEqual([false, false]);
    agent.destroy();
  });

  it('keeps a connection alive on both sides', async () => {
    const { url } = await serveBehindScript(`response.end(String(incoming.socket.remotePort));`);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = async (): Promise<string> => {
      const outgoing = request(`${url}/v1/models`, { agent }).end();
      const [reply] = await once(outgoing, 'response');
      return text(reply);
    };
    const [first, ...others] = [await send(), await send(), await send()];
    expect(others).toEqual([first, first]);
    agent.destroy();
  });

  it('forwards status, repeated headers and bytes unchanged', async () => {
    const { url } = await serveBehindScript(`
      response.sendDate = false;
      response.writeHead(299, 'Odd', [['X-Case', 'Kept'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']]);
      response.end(Buffer.from([0, 255, 10]));
    `);
    const outgoing = request(`${url}/v1/models`).end();
    const [reply] = await once(outgoing, 'response');
    const [bytes] = await once(reply, 'data');
    expect([reply.statusCode, reply.statusMessage]).toEqual([299, 'Odd']);
    expect(reply.rawHeaders.slice(0, 6)).toEqual(['X-Case', 'Kept', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
    expect(reply.headers.date).toBeUndefined();
    expect([...bytes]).toEqual([0, 255, 10]);
  });
});

it('removes the call tag from the path before the gateway', async () => {
  const { url, exchanges } = await serveBehindScript(
    `response.end(incoming.url + ' ' + incoming.headers['x-quotalab-call']);`,
  );
  expect(await (await chat(`${url}/c/17`, 'call')).text()).toBe('/v1/chat/completions 17');
  await vi.waitFor(() => expect(exchanges).toHaveLength(1));
  expect(exchanges[0]!.view).toMatchObject({ callTag: '17', endpoint: 'chat.completions' });
});

it('reports open requests at the end of a run as open', async () => {
  const served = await serveBehindScript(`response.write('begun');`);
  const response = await chat(served.url, 'wait');
  const cut = response.text().catch((error: Error) => error.message);
  await served.close();
  expect(await cut).toBe('terminated');
  expect(served.exchanges).toMatchObject([{ outcome: 'open' }]);
});
