import { describe, expect, it } from 'vitest';
import { ASK, type Film, film } from './virtual-film.ts';

const ms = (us: number): number => us / 1000;
const spans = ({ calls }: Film): string[] =>
  calls.map(({ id, startUs, endUs, result }) => `call ${id}: ${ms(startUs)}–${ms(endUs)} ${result}`);

const RETRY_ONCE_A_SECOND = `${ASK}
export default async function (call, { env }) {
  for (;;) {
    try { return await ask(call, env); } catch { await new Promise((resolve) => setTimeout(resolve, 1000)); }
  }
}`;

describe.concurrent('an unmodified client in virtual time', () => {
  it('time goes as the replies and the timers say', async () => {
    const seen = await film(RETRY_ONCE_A_SECOND, '[{ executor: per-vu-iterations, vus: 6, iterations: 1 }]');
    // One is refused after a millisecond, rests a second, and then takes 300 ms like everybody.
    expect(seen.calls.map(({ endUs }) => ms(endUs)).sort((a, b) => a - b)).toEqual([300, 300, 300, 300, 300, 1301]);
    expect(seen.attempts.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it('every timer that a client may know is virtual, imported or not, and so is every clock', async () => {
    const seen = await film(
      `import timers from 'node:timers';
       import { setTimeout as sleep, scheduler, setInterval as every } from 'node:timers/promises';
       import { performance as hooks } from 'node:perf_hooks';
       import { promisify } from 'node:util';
       const imported = [Date.now(), performance.now()];
       export default async function () {
         const steps = [
           () => sleep(1000), () => new Promise((r) => timers.setTimeout(r, 1000)), () => scheduler.wait(1000),
           () => promisify(setTimeout)(1000), () => new Promise((r) => { AbortSignal.timeout(1000).onabort = r; }),
           async () => { for await (const _ of every(1000)) break; },
         ];
         for (const [n, step] of steps.entries()) {
           await step();
           const read = [Date.now() - imported[0], performance.now() - imported[1], hooks.now(), Number(process.hrtime.bigint() / 1000000n), process.hrtime()[0] * 1000];
           if (read.some((value) => value !== (n + 1) * 1000)) throw new Error(n + ': ' + read);
         }
         throw new Error(new Date().toISOString());
       }`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(seen.calls[0]?.error?.message).toBe('2026-01-01T00:00:06.000Z');
  });

  it('a stream comes at its virtual times: the first chunk after 300 ms, twenty more 20 ms apart', async () => {
    const seen = await film(
      `export default async function (call, { env }) {
         const response = await fetch(env.OPENAI_BASE_URL + '/chat/completions', {
           method: 'POST',
           headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY },
           body: JSON.stringify({ model: call.model, stream: true, max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] }),
         });
         const times = [];
         for await (const _ of response.body) times.push(performance.now());
         throw new Error(times.join(' '));
       }`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
      { provider: 'provider: { latency: { firstToken: 300ms, perToken: 20ms } }' },
    );
    const expected = Array.from({ length: 20 }, (_, token) => 300 + 20 * token);
    expect(seen.calls[0]?.error?.message).toBe(expected.join(' '));
  });

  it('a request that is aborted is one for the provider too; one that times out ends when it said', async () => {
    const seen = await film(
      `${ASK} export default (call, { env }) => ask(call, env, { signal: AbortSignal.timeout(100) });`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(seen.calls[0]).toMatchObject({ endUs: 100_000, error: { name: 'DOMException' } });
    expect(seen.attempts[0]).toMatchObject({ outcome: 'aborted', endUs: 100_000 });
    expect(seen.attempts[0]).not.toHaveProperty('headersUs');
  });

  it('calls still open at the end of the run are told so, and their attempts too', async () => {
    const seen = await film(
      `${ASK} export default (call, { env }) => ask(call, env);`,
      '[{ executor: constant-vus, vus: 1, duration: 1s, gracefulStop: 0s }]',
      { provider: 'provider: { latency: { firstToken: 3s, perToken: 0s } }' },
    );
    expect(seen.calls).toMatchObject([{ result: 'open', endUs: 1_000_000 }]);
    expect(seen.attempts).toMatchObject([{ outcome: 'open', endUs: 1_000_000 }]);
  });
});

describe.concurrent('the same scenario and seed give the same bytes', () => {
  const JITTER = `${ASK}
  import { randomUUID, randomBytes } from 'node:crypto';
  export default async function (call, { env }) {
    for (let n = 0; n < 5; n++) {
      try { return await ask({ ...call, prompt: randomUUID() + crypto.randomUUID() + randomBytes(4).toString('hex') + crypto.getRandomValues(new Uint8Array(4)) }, env); }
      catch { await new Promise((resolve) => setTimeout(resolve, Math.random() * 1000 * 2 ** n)); }
    }
    throw new Error('gave up after ' + Math.random());
  }`;
  const LOAD = '[{ executor: constant-vus, vus: 20, duration: 1m, wait: { between: [0s, 300ms] } }]';

  it('twice, through fetch and through sockets; another seed gives others', async () => {
    const [first, again, sockets, other] = await Promise.all([
      film(JITTER, LOAD),
      film(JITTER, LOAD),
      film(JITTER, LOAD, { fetchThrough: 'socket' }),
      film(JITTER, LOAD, { seed: 2 }),
    ]);
    expect(first.attempts.filter(({ status }) => status === 429).length).toBeGreaterThan(100);
    expect(again.journal).toBe(first.journal);
    expect(sockets.journal).toBe(first.journal);
    expect(other.hash).not.toBe(first.hash);
    // On any machine; a change of this line is a change of what every user's runs say.
    expect(first.hash).toBe('6f809abdf160785b');
  });
});

describe.concurrent('the machine has no say', () => {
  it('a socket that rests for 20 ms of the machine is not timed out while no virtual time has passed', async () => {
    const seen = await film(
      `import { Agent, request } from 'node:http';
       import { setImmediate as turn } from 'node:timers/promises';
       const agent = new Agent({ keepAlive: true, timeout: 20 });
       const ask = (call, env) => new Promise((resolve, reject) => {
         const url = env.OPENAI_BASE_URL + '/chat/completions';
         const sent = request(url, { agent, method: 'POST', headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY } }, (answer) => {
           answer.resume().on('end', () => resolve(sent.reusedSocket));
         }).on('error', reject);
         sent.end(JSON.stringify({ model: call.model, messages: [{ role: 'user', content: 'hi' }] }));
       });
       export default async (call, { env }) => {
         await ask(call, env);
         // Some 100 ms of the machine, and turns of its loop in which its timers would fire.
         for (let n = 0, sum = 0; n < 2e8; n++) sum += n;
         for (let n = 0; n < 5; n++) await turn();
         const same = await ask(call, env);
         await new Promise((wake) => setTimeout(wake, 50));
         throw new Error(same + ' ' + await ask(call, env));
       };`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    // After 50 ms of virtual time it is gone, as the agent was told.
    expect(seen.calls[0]?.error?.message).toBe('true false');
  });
});

describe.concurrent('a client that leaves virtual time is named, at once', () => {
  it.each([
    ['a DNS look-up', `import { lookup } from 'node:dns/promises'; export default () => lookup('localhost');`],
    [
      'a connection to 127.0.0.1:6379',
      `import { connect } from 'node:net'; export default () => new Promise((resolve) => connect(6379, '127.0.0.1').on('error', resolve));`,
    ],
    ['a connection to 127.0.0.1:6379', `export default () => fetch('http://127.0.0.1:6379/');`],
    [
      'a child process',
      `import { exec } from 'node:child_process'; export default () => new Promise((resolve) => exec('sleep 1', resolve));`,
    ],
    [
      'a file',
      `import { watch } from 'node:fs/promises'; export default async () => { for await (const _ of watch('.')) return; };`,
    ],
  ])('%s', async (what, client) => {
    const { error, records } = await film(client);
    expect(error).toMatch(/^client\/outside-virtual-time: .*client\.mjs leaves virtual time: it waits for /);
    expect(error).toContain(what);
    expect(records.at(-1)).toMatchObject({ type: 'end', stopped: 'client-exited' });
  });

  it('but a file that is read and a hash that is made take no virtual time, and are told', async () => {
    const seen = await film(
      `import { readFile } from 'node:fs/promises';
       export default async () => {
         await readFile(new URL(import.meta.url));
         await crypto.subtle.digest('SHA-256', new Uint8Array(1e6));
         if (performance.now() !== 0) throw new Error('took ' + performance.now());
       };`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(seen.calls).toMatchObject([{ result: 'ok', endUs: 0 }]);
    // A hash may be ready before anybody looks; the file never is.
    expect(seen.notes[0]).toBe('a file');
  });
});

describe.concurrent('clients that do what they should not end in a named error or a right run, never in a hang', () => {
  it('one that waits in a loop for the clock', async () => {
    const { error } = await film('export default () => { const end = Date.now() + 100; while (Date.now() < end); };');
    expect(error).toMatch(/^client\/busy: .* has computed for 5 s without a break/);
  });

  it('one whose interval never ends: the run does', async () => {
    const seen = await film(`${ASK} setInterval(() => {}, 10); export default (call, { env }) => ask(call, env);`);
    expect(spans(seen)).toHaveLength(4);
    expect(seen.error).toBeUndefined();
  });

  it('one with a rejection that nobody handles', async () => {
    const { error } = await film('export default async () => { Promise.reject(new Error("nobody cares")); };');
    expect(error).toMatch(/^client\/crashed: .*nobody cares/);
  });

  it('one whose timer throws', async () => {
    const { error } = await film(
      'export default () => new Promise(() => setTimeout(() => { throw new Error("too late"); }, 10));',
    );
    expect(error).toMatch(/^client\/crashed: .*too late/);
  });

  it('one that ends the process; what it did before is kept', async () => {
    const seen = await film(
      `${ASK} let n = 0; export default async (call, { env }) => { await ask(call, env); if (++n === 3) process.exit(3); };`,
    );
    expect(seen.error).toMatch(/^client\/exited: .*with code 3/);
    expect(seen.calls.length).toBeGreaterThanOrEqual(2);
  });

  it('one whose import waits for nothing', async () => {
    const { error, journal } = await film('await new Promise(() => {}); export default () => {};');
    expect(error).toMatch(/^client\/never-ready/);
    expect(journal).toBe('');
  });

  it('one whose import sleeps: it sleeps in virtual time', async () => {
    const seen = await film(
      `import { setTimeout as sleep } from 'node:timers/promises'; await sleep(60_000); ${ASK} export default (call, { env }) => ask(call, env);`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(spans(seen)).toEqual(['call 1: 0–300 ok']);
  });

  it('one that calls for longer than a timer can wait', async () => {
    const seen = await film(
      `${ASK} export default (call, { env }) => ask(call, env);`,
      '[{ executor: constant-vus, vus: 1, duration: 60d, wait: { constant: 20d } }]',
    );
    expect(spans(seen)).toEqual([
      'call 1: 0–300 ok',
      'call 2: 1728000300–1728000600 ok',
      'call 3: 3456000600–3456000900 ok',
    ]);
  });
});
