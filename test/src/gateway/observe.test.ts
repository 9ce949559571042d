import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digest } from '../../../mock-server/listen.ts';
import { behind, chat, habitual } from './behind.ts';

// A gateway is a process of its own: on a busy machine it takes its time to start.
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

async function through(habit: string, provider: Parameters<typeof behind>[1] = {}) {
  const served = await behind(habitual(habit), provider);
  open = served;
  return served;
}

describe('whose answer it was', () => {
  it('what a gateway only passes on is recorded as the provider saw it', async () => {
    const { url, exchanges } = await through('pass();', { limits: [...ONE_A_MINUTE] });
    const statuses = [(await chat(url, 'one')).status, (await chat(url, 'two')).status];
    await vi.waitFor(() => expect(exchanges).toHaveLength(2));
    expect(statuses).toEqual([200, 429]);
    expect(exchanges.map(({ via }) => via)).toEqual([{}, {}]);
    expect(exchanges[1]!.sight).toMatchObject({
      status: 429,
      deniedBy: 'requests',
      errorCode: 'rate_limit_exceeded',
      retryAfterRaw: '60',
      key: digest('sk-test'),
    });
    expect(exchanges[0]!.sight).toMatchObject({ limits: [{ limit: 'requests', admit: true, before: 1, after: 0 }] });
  });

  it('what never gets to the provider is recorded all the same', async () => {
    const { url, exchanges } = await through(
      `answer.writeHead(429, { 'retry-after': '7' }).end('{"error":{"code":"slow"}}');`,
    );
    await chat(url, 'refused').then((response) => response.text());
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    const [{ sight, via, outcome }] = exchanges as [(typeof exchanges)[0]];
    expect({ via, outcome }).toEqual({ via: { answeredBy: 'gateway' }, outcome: 'response' });
    expect(sight).toMatchObject({
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

  it('an answer with another status than the provider gave is the gateway’s own', async () => {
    const { url, exchanges } = await through(
      `send(asked, body, asked.headers, (from) => { from.resume(); answer.writeHead(502).end('<html>'); });`,
      { limits: [...ONE_A_MINUTE] },
    );
    await chat(url, 'lost').then((response) => response.text());
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ sight: { status: 502 }, via: { answeredBy: 'gateway' } });
    // What it has cost is not forgotten.
    expect(exchanges[0]!.sight.limits).toMatchObject([{ admit: true, after: 0 }]);
  });

  it('a gateway that tries again by itself asked the provider several times for one attempt', async () => {
    const { url, exchanges } = await through(
      `send(asked, body, asked.headers, (first) => { first.resume(); first.on('end', () => pass()); });`,
      { limits: [...ONE_A_MINUTE] },
    );
    expect((await chat(url, 'again')).status).toBe(429);
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ sight: { status: 429, deniedBy: 'requests' }, via: { upstream: 2 } });
  });
});

describe('a gateway that drops headers', () => {
  const STRIPPED = `{ headers: { authorization: asked.headers.authorization, 'content-type': 'application/json' } }`;

  it('requests are known by their bodies', async () => {
    const { url, exchanges } = await through(`pass(${STRIPPED});`);
    await Promise.all(['one', 'two', 'three'].map((prompt) => chat(url, prompt).then((response) => response.text())));
    await vi.waitFor(() => expect(exchanges).toHaveLength(3));
    expect(exchanges.map(({ via }) => via)).toEqual([{}, {}, {}]);
    expect(exchanges.every(({ sight }) => sight.promptTokens !== undefined)).toBe(true);
  });

  it('one whose bodies are others too is unclear while several are under way, and clear alone', async () => {
    const { url, exchanges } = await through(`
      const other = { headers: { authorization: asked.headers.authorization }, text: body.replace('gpt', 'gpt') + ' ' };
      if (body.includes('alone')) return pass(other);
      waiting.push(() => pass(other));
      if (waiting.length === 2) for (const go of waiting) go();
    `);
    await chat(url, 'alone').then((response) => response.text());
    await Promise.all(['one', 'two'].map((prompt) => chat(url, prompt).then((response) => response.text())));
    await vi.waitFor(() => expect(exchanges).toHaveLength(3));
    const [alone, ...both] = exchanges.map(({ via }) => via);
    expect(alone).toEqual({});
    // The first of the two may be over when the second is asked for, which is then the only one.
    expect(both).toContainEqual({ answeredBy: 'unclear' });
  });
});

describe('as it comes', () => {
  it('the first piece of a stream is there before the last was written', async () => {
    const { url } = await through(`
      if (body.includes('stream')) {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        answer.write('data: first\\n\\n');
        waiting.push(() => answer.end('data: last\\n\\n'));
      } else {
        for (const go of waiting) go();
        answer.end();
      }
    `);
    const response = await chat(url, 'stream');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('data: first\n\n');
    // Only this request lets the gateway go on.
    await chat(url, 'go on');
    expect((await reader.read()).value).toBe('data: last\n\n');
    expect((await reader.read()).done).toBe(true);
  });

  it('a client that goes away takes its request with it', async () => {
    const { url, exchanges } = await through(`
      if (body.includes('leave')) {
        answer.write('here');
        answer.on('close', () => waiting.forEach((tell) => tell()));
      } else waiting.push(() => answer.end('it has left'));
    `);
    const told = chat(url, 'tell').then((response) => response.text());
    const leaving = new AbortController();
    const left = await chat(url, 'leave', { signal: leaving.signal });
    leaving.abort();
    await expect(left.text()).rejects.toThrow(/abort/);
    await vi.waitFor(() => expect(exchanges[0]).toMatchObject({ outcome: 'aborted', via: { answeredBy: 'gateway' } }));
    // A second teller: the first may have come after the other had left.
    const second = await chat(url, 'leave');
    await second.body?.cancel();
    expect(await told).toBe('it has left');
  });

  it.each([
    ['is reset', 'answer.socket.resetAndDestroy();', 0],
    ['is closed without an answer', 'answer.destroy();', 0],
    ['breaks in the middle', `answer.writeHead(200); answer.write('half', () => answer.destroy());`, 200],
  ])('a connection that %s', async (_, habit, status) => {
    const { url, exchanges } = await through(habit);
    await expect(chat(url, 'break').then((response) => response.text())).rejects.toThrow(/fetch failed|terminated/);
    await vi.waitFor(() => expect(exchanges).toHaveLength(1));
    expect(exchanges[0]).toMatchObject({ outcome: 'reset', sight: { status }, via: { answeredBy: 'gateway' } });
  });

  it('an idle connection that the gateway closes is closed for the client, and the next request gets a new one', async () => {
    const { url } = await through(`server.keepAliveTimeout = 1; server.keepAliveTimeoutBuffer = 0; answer.end('ok');`);
    const agent = new Agent({ keepAlive: true });
    const ask = async (): Promise<boolean> => {
      const asked = request(`${url}/v1/models`, { agent }).end();
      const [answer] = await once(asked, 'response');
      const socket = asked.socket!;
      const closed = once(socket, 'close');
      answer.resume();
      await closed;
      return asked.reusedSocket;
    };
    expect([await ask(), await ask()]).toEqual([false, false]);
    agent.destroy();
  });

  it('status, headers, doubled ones among them, and bytes are the gateway’s', async () => {
    const { url } = await through(`
      answer.sendDate = false;
      answer.writeHead(299, 'Odd', [['X-Case', 'Kept'], ['set-cookie', 'a=1'], ['set-cookie', 'b=2']]);
      answer.end(Buffer.from([0, 255, 10]));
    `);
    const asked = request(`${url}/v1/models`).end();
    const [answer] = await once(asked, 'response');
    const [bytes] = await once(answer, 'data');
    expect([answer.statusCode, answer.statusMessage]).toEqual([299, 'Odd']);
    expect(answer.rawHeaders.slice(0, 6)).toEqual(['X-Case', 'Kept', 'set-cookie', 'a=1', 'set-cookie', 'b=2']);
    expect(answer.headers.date).toBeUndefined();
    expect([...bytes]).toEqual([0, 255, 10]);
  });
});

it('the call in a path is for the observer: the gateway sees the path of the API', async () => {
  const { url, exchanges } = await through(`answer.end(asked.url + ' ' + asked.headers['x-quotalab-call']);`);
  expect(await (await chat(`${url}/c/17`, 'call')).text()).toBe('/v1/chat/completions 17');
  await vi.waitFor(() => expect(exchanges).toHaveLength(1));
  expect(exchanges[0]!.sight).toMatchObject({ callTag: '17', endpoint: 'chat.completions' });
});

it('what is open when a run ends is told as open', async () => {
  const served = await through(`answer.write('begun');`);
  const response = await chat(served.url, 'wait');
  const cut = response.text().catch((error: Error) => error.message);
  await served.close();
  expect(await cut).toBe('terminated');
  expect(served.exchanges).toMatchObject([{ outcome: 'open' }]);
});
