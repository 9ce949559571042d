import { describe, expect, it } from 'vitest';
import { ASK, runVirtualClient, type VirtualRun } from './run-virtual-client.ts';

const ms = (us: number): number => us / 1000;
const spans = ({ calls }: VirtualRun): string[] =>
  calls.map(({ id, startUs, endUs, result }) => `call ${id}: ${ms(startUs)}–${ms(endUs)} ${result}`);

const RETRY_ONCE_A_SECOND = `${ASK}
export default async function (call, { env }) {
  for (;;) {
    try { return await ask(call, env); } catch { await new Promise((resolve) => setTimeout(resolve, 1000)); }
  }
}`;

describe.concurrent('an unmodified client in virtual time', () => {
  it('time advances with replies and timers', async () => {
    const run = await runVirtualClient(RETRY_ONCE_A_SECOND, '[{ executor: per-vu-iterations, vus: 6, iterations: 1 }]');
    // One call is refused after 1 ms, waits a second, and then takes 300 ms like the others.
    expect(run.calls.map(({ endUs }) => ms(endUs)).sort((a, b) => a - b)).toEqual([300, 300, 300, 300, 300, 1301]);
    expect(run.attempts.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  it('the job of a call: from the scenario, the result, the error or a header', async () => {
    const run = await runVirtualClient(
      `${ASK}
       export default async function (call, { env }) {
         const { iteration, job } = call;
         await ask(call, env, iteration === 3 ? { headers: { authorization: 'Bearer ' + env.OPENAI_API_KEY, 'x-quotalab-job': 'sent' } } : {});
         if (iteration === 1) return { text: job, job: 'returned' };
         if (iteration === 2) throw Object.assign(new Error(job), { job: 'thrown' });
         return job;
       }`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 4 }]',
      { provider: "provider: { latency: { firstToken: 300ms } }\ncall: { job: 'user-{vu}/{iteration}' }" },
    );
    expect(run.error).toBeUndefined();
    expect(run.calls.map(({ job }) => job)).toEqual(['user-1/0', 'returned', 'thrown', 'user-1/3']);
    expect(run.calls[2]?.error?.message).toBe('user-1/2');
    expect(run.attempts.map(({ job }) => job)).toEqual([undefined, undefined, undefined, 'sent']);
  });

  it('every timer and clock is virtual, global or imported', async () => {
    const run = await runVirtualClient(
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
    expect(run.calls[0]?.error?.message).toBe('2026-01-01T00:00:06.000Z');
  });

  it('a stream arrives at its virtual times: the first chunk after 300 ms, the others 20 ms apart', async () => {
    const run = await runVirtualClient(
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
    expect(run.calls[0]?.error?.message).toBe(expected.join(' '));
  });

  it('a request with a timeout ends on time, and the provider records it as aborted', async () => {
    const run = await runVirtualClient(
      `${ASK} export default (call, { env }) => ask(call, env, { signal: AbortSignal.timeout(100) });`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(run.calls[0]).toMatchObject({ endUs: 100_000, error: { name: 'DOMException' } });
    expect(run.attempts[0]).toMatchObject({ outcome: 'aborted', endUs: 100_000 });
    expect(run.attempts[0]).not.toHaveProperty('headersUs');
  });

  it('calls and attempts still open at the end of the run are recorded as open', async () => {
    const run = await runVirtualClient(
      `${ASK} export default (call, { env }) => ask(call, env);`,
      '[{ executor: constant-vus, vus: 1, duration: 1s, gracefulStop: 0s }]',
      { provider: 'provider: { latency: { firstToken: 3s, perToken: 0s } }' },
    );
    expect(run.calls).toMatchObject([{ result: 'open', endUs: 1_000_000 }]);
    expect(run.attempts).toMatchObject([{ outcome: 'open', endUs: 1_000_000 }]);
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

  it('when repeated, and through fetch or sockets; another seed gives other bytes', async () => {
    const [first, again, sockets, other] = await Promise.all([
      runVirtualClient(JITTER, LOAD),
      runVirtualClient(JITTER, LOAD),
      runVirtualClient(JITTER, LOAD, { fetchThrough: 'socket' }),
      runVirtualClient(JITTER, LOAD, { seed: 2 }),
    ]);
    expect(first.attempts.filter(({ status }) => status === 429).length).toBeGreaterThan(100);
    expect(again.journal).toBe(first.journal);
    expect(sockets.journal).toBe(first.journal);
    expect(other.hash).not.toBe(first.hash);
    // The same on every machine. A change of this hash changes the results of every run.
    expect(first.hash).toBe('5c2c03e010cb1cb2');
  });
});

describe.concurrent('machine time has no effect', () => {
  it('a socket idle for 20 ms of machine time does not time out while no virtual time has passed', async () => {
    const run = await runVirtualClient(
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
         // About 100 ms of machine time, and turns of the event loop in which real timers would fire.
         for (let n = 0, sum = 0; n < 2e8; n++) sum += n;
         for (let n = 0; n < 5; n++) await turn();
         const same = await ask(call, env);
         await new Promise((wake) => setTimeout(wake, 50));
         throw new Error(same + ' ' + await ask(call, env));
       };`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    // After 50 ms of virtual time it has timed out, as the agent requires.
    expect(run.calls[0]?.error?.message).toBe('true false');
  });
});

describe.concurrent('a client that leaves virtual time is reported at once', () => {
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
    const { error, records } = await runVirtualClient(client);
    expect(error).toMatch(/^client\/outside-virtual-time: .*client\.mjs leaves virtual time: it waits for /);
    expect(error).toContain(what);
    expect(records.at(-1)).toMatchObject({ type: 'end', stopped: 'client-exited' });
  });

  it('reading a file and hashing take no virtual time, and are noted', async () => {
    const run = await runVirtualClient(
      `import { readFile } from 'node:fs/promises';
       export default async () => {
         await readFile(new URL(import.meta.url));
         await crypto.subtle.digest('SHA-256', new Uint8Array(1e6));
         if (performance.now() !== 0) throw new Error('took ' + performance.now());
       };`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(run.calls).toMatchObject([{ result: 'ok', endUs: 0 }]);
    // The hash may be ready before it is awaited; the file never is.
    expect(run.notes[0]).toBe('a file');
  });
});

describe.concurrent('misbehaving clients end in a specific error or a valid run, never in a hang', () => {
  it('a busy loop that waits for the clock', async () => {
    const { error } = await runVirtualClient(
      'export default () => { const end = Date.now() + 100; while (Date.now() < end); };',
    );
    expect(error).toMatch(/^client\/busy: .* blocked the event loop for 5 s/);
  });

  it('an interval that never ends: the run ends', async () => {
    const run = await runVirtualClient(
      `${ASK} setInterval(() => {}, 10); export default (call, { env }) => ask(call, env);`,
    );
    expect(spans(run)).toHaveLength(4);
    expect(run.error).toBeUndefined();
  });

  it('an unhandled rejection', async () => {
    const { error } = await runVirtualClient(
      'export default async () => { Promise.reject(new Error("not handled")); };',
    );
    expect(error).toMatch(/^client\/crashed: .*not handled/);
  });

  it('a timer that throws', async () => {
    const { error } = await runVirtualClient(
      'export default () => new Promise(() => setTimeout(() => { throw new Error("too late"); }, 10));',
    );
    expect(error).toMatch(/^client\/crashed: .*too late/);
  });

  it('process.exit: earlier records are kept', async () => {
    const run = await runVirtualClient(
      `${ASK} let n = 0; export default async (call, { env }) => { await ask(call, env); if (++n === 3) process.exit(3); };`,
    );
    expect(run.error).toMatch(/^client\/exited: .*with code 3/);
    expect(run.calls.length).toBeGreaterThanOrEqual(2);
  });

  it('an import that never completes', async () => {
    const { error, journal } = await runVirtualClient('await new Promise(() => {}); export default () => {};');
    expect(error).toMatch(/^client\/never-ready/);
    expect(journal).toBe('');
  });

  it('an import that sleeps: it sleeps in virtual time', async () => {
    const run = await runVirtualClient(
      `import { setTimeout as sleep } from 'node:timers/promises'; await sleep(60_000); ${ASK} export default (call, { env }) => ask(call, env);`,
      '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]',
    );
    expect(spans(run)).toEqual(['call 1: 0–300 ok']);
  });

  it('a load that is longer than the maximum of a timer', async () => {
    const run = await runVirtualClient(
      `${ASK} export default (call, { env }) => ask(call, env);`,
      '[{ executor: constant-vus, vus: 1, duration: 60d, wait: { constant: 20d } }]',
    );
    expect(spans(run)).toEqual([
      'call 1: 0–300 ok',
      'call 2: 1728000300–1728000600 ok',
      'call 3: 3456000600–3456000900 ok',
    ]);
  });
});
