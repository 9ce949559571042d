import { describe, expect, it } from 'vitest';
import { ASK, runVirtualClient, type VirtualRun } from './run-virtual-client.ts';

const ONE_CALL = '[{ executor: per-vu-iterations, vus: 1, iterations: 1 }]';
const SEVEN_CALLERS = '[{ executor: per-vu-iterations, vus: 7, iterations: 1 }]';

/** Runs the body of a client that makes notes; returns them. */
async function notesOf(body: string, imports = ''): Promise<string[]> {
  const run = await runVirtualClient(
    `${imports}
     const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));
     export default async (call, { env }) => {
       const notes = [];
       const note = (...values) => notes.push(values.join(' '));
       ${body}
       throw new Error(notes.join('\\n'));
     };`,
    ONE_CALL,
  );
  expect(run.error).toBeUndefined();
  return run.calls[0]!.error!.message.split('\n');
}

const inMs = ({ attempts }: VirtualRun): string[] =>
  attempts.map(({ call, startUs, endUs, status }) => `${call}: ${startUs / 1000}–${endUs / 1000} ${status}`).sort();

/** A client that retries after `sleep`, a source of `async (ms) => …`. */
const retryAfter = (sleep: string): string => `${ASK}
  const sleep = ${sleep};
  export default async function (call, { env }) {
    for (;;) {
      try { return await ask(call, env); } catch { await sleep(1000); }
    }
  }`;

describe('a synchronous sleep moves the clock', () => {
  const SYNC = retryAfter('(ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)');

  it('of the whole thread, while the provider goes on', async () => {
    const run = await runVirtualClient(SYNC, SEVEN_CALLERS);
    expect(
      inMs(run)
        .map((line) => line.replace(/^\d/, 'n'))
        .sort(),
    ).toEqual([
      // Five are answered on time, though the thread sleeps; the two refused sleep one after the other.
      ...Array.from({ length: 2 }, () => 'n: 0–1 429'),
      ...Array.from({ length: 5 }, () => 'n: 0–300 200'),
      ...Array.from({ length: 2 }, () => 'n: 2001–2301 200'),
    ]);
    expect(run.calls.map(({ endUs }) => endUs / 1000).sort()).toEqual([2001, 2001, 2001, 2001, 2001, 2301, 2301]);
  });

  it('a reply over sockets during a sleep is received after it, but was sent on time', async () => {
    const client = `
      import { request } from 'node:http';
      const nap = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      export default (call, { env }) => new Promise((resolve, reject) => {
        const sent = request(env.OPENAI_BASE_URL + '/chat/completions', { method: 'POST', headers: { authorization: 'Bearer x' } }, (answer) => {
          if (asleep) reject(new Error('woken'));
          answer.resume().on('end', resolve);
        });
        sent.end(JSON.stringify({ model: call.model, messages: [{ role: 'user', content: 'hi' }] }));
        let asleep = false;
        setTimeout(() => { asleep = true; nap(1000); asleep = false; }, 10);
      });`;
    const run = await runVirtualClient(client, ONE_CALL);
    expect(inMs(run)).toEqual(['1: 0–300 200']);
    expect(run.calls).toMatchObject([{ result: 'ok', endUs: 1_010_000 }]);
  });

  it('timers that became due meanwhile fire once, late, in their order', async () => {
    const notes = await notesOf(`
      const every = setInterval(() => note('interval', performance.now()), 100);
      setTimeout(() => note('late', performance.now()), 300);
      setTimeout(() => note('later', performance.now()), 350);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
      note('awake', performance.now());
      await sleep(150);
      clearInterval(every);`);
    expect(notes).toEqual(['awake 1000', 'interval 1000', 'late 1000', 'later 1000', 'interval 1100']);
  });

  it('timers keep their order when an earlier one is refreshed', async () => {
    const notes = await notesOf(`
      const timer = setTimeout(() => note('refreshed', performance.now()), 200);
      setTimeout(() => timer.refresh(), 190);
      for (const ms of [500, 210, 250, 220, 260, 230]) setTimeout(() => note(ms, performance.now()), ms);
      await sleep(600);`);
    expect(notes).toEqual(['210 210', '220 220', '230 230', '250 250', '260 260', 'refreshed 390', '500 500']);
  });

  it('Atomics.waitAsync times out, or is notified', async () => {
    const notes = await notesOf(`
      const ints = new Int32Array(new SharedArrayBuffer(4));
      note(await Atomics.waitAsync(ints, 0, 0, 250).value, performance.now());
      const { value } = Atomics.waitAsync(ints, 0, 0);
      setTimeout(() => note('woke', Atomics.notify(ints, 0)), 100);
      note(await value, performance.now());
      note(Atomics.waitAsync(ints, 0, 1).value, Atomics.wait(ints, 0, 1, 5), Atomics.wait(ints, 0, 0, 0), performance.now());`);
    expect(notes).toEqual(['timed-out 250', 'woke 1', 'ok 350', 'not-equal not-equal timed-out 350']);
  });
});

describe('a loop that takes turns of the event loop until something happens ends, and on time', () => {
  const CHANNEL = `const { port1, port2 } = new MessageChannel();
    const hop = () => new Promise((resolve) => { port2.onmessage = resolve; port1.postMessage(0); });`;

  it.each([
    ['setImmediate', 'await new Promise(setImmediate)', 60_000],
    ['scheduler.yield', `await (await import('node:timers/promises')).scheduler.yield()`, 60_000],
    ['setTimeout', 'await new Promise((resolve) => setTimeout(resolve))', 60_000],
    ['a message channel', 'await hop()', 500],
  ])('%s', async (_name, turn, ms) => {
    const notes = await notesOf(
      `const t = Date.now();
       while (Date.now() - t < ${ms}) { ${turn}; }
       note(performance.now());`,
      CHANNEL,
    );
    expect(notes).toEqual([String(ms)]);
  });

  it('a loop that waits for something else than the clock', async () => {
    const notes = await notesOf(`
      let over = false;
      setTimeout(() => { over = true; }, 300_000);
      while (!over) await new Promise(setImmediate);
      note(performance.now());`);
    expect(notes).toEqual(['300000']);
  });

  it('turns of a computation take no time', async () => {
    const notes = await notesOf(
      `setInterval(() => {}, 1);
       for (let n = 0; n < 500; n++) { await new Promise(setImmediate); await hop(); }
       note(performance.now());`,
      CHANNEL,
    );
    expect(notes).toEqual(['0']);
  });

  it('as the only way of a client to sleep, under load: retries are on time, and the same bytes twice', async () => {
    const client = retryAfter(`async (ms) => {
      const until = performance.now() + ms + Math.random() * 100;
      while (performance.now() < until) await new Promise(setImmediate);
    }`);
    const [run, again] = [await runVirtualClient(client, SEVEN_CALLERS), await runVirtualClient(client, SEVEN_CALLERS)];
    const refused = run.attempts.filter(({ status }) => status === 429);
    expect(refused.map(({ endUs }) => endUs)).toEqual([1000, 1000]);
    for (const { call } of refused) {
      const [, second] = run.attempts.filter((attempt) => attempt.call === call);
      expect(second!.startUs / 1000).toBeGreaterThanOrEqual(1001);
      expect(second!.startUs / 1000).toBeLessThanOrEqual(1102);
    }
    expect(again.journal.split('\n').slice(1)).toEqual(run.journal.split('\n').slice(1));
  });

  it('an import that takes turns for ever never completes', async () => {
    const { error } = await runVirtualClient('for (;;) await new Promise(setImmediate); export default () => {};');
    expect(error).toMatch(/^client\/never-ready/);
  });

  it.each([
    ['promises', 'await null'],
    ['process.nextTick', 'await new Promise((resolve) => process.nextTick(resolve))'],
    ['queueMicrotask', 'await new Promise(queueMicrotask)'],
  ])('%s never let the event loop turn: the client is named', async (_name, turn) => {
    const { error } = await runVirtualClient(
      `export default async () => { const t = Date.now(); while (Date.now() - t < 100) ${turn}; };`,
      ONE_CALL,
    );
    expect(error).toMatch(/^client\/busy: .* blocked the event loop for 5 s/);
  });

  it.each([
    ['turns', 'await new Promise(setImmediate)'],
    ['no turn', 'await null'],
  ])('the first interrupt ends a run in an endless loop of %s', async (_name, turn) => {
    const interrupt = new AbortController();
    const run = await runVirtualClient(
      `export default async () => { console.log('started'); for (;;) ${turn}; };`,
      '[{ executor: constant-vus, vus: 1, duration: 300d }]',
      { interrupted: interrupt.signal, onTick: () => interrupt.abort() },
    );
    expect(run.records.at(-1)).toMatchObject({ type: 'end', stopped: 'interrupted' });
    expect(run.error).toBeUndefined();
  });
});

describe('the clock stands still while real work is done', () => {
  it.each(['createGzip', 'createBrotliCompress', 'createZstdCompress'])('a stream of zlib: %s', async (create) => {
    const notes = await notesOf(
      `setInterval(() => {}, 1);
       const packed = [];
       await pipeline(Readable.from([data, data]), zlib.${create}(), async (chunks) => {
         for await (const chunk of chunks) packed.push(chunk);
       });
       const unpack = zlib.${create.replace('Gzip', 'Gunzip').replace('Compress', 'Decompress')}();
       let length = 0;
       await pipeline(Readable.from(packed), unpack, async (chunks) => {
         for await (const chunk of chunks) length += chunk.length;
       });
       note(length, performance.now());`,
      COMPRESSION,
    );
    expect(notes).toEqual(['600000 0']);
  });

  it('CompressionStream, callbacks, damaged data, and a stream that waits for its reader', async () => {
    const notes = await notesOf(
      `const tick = setInterval(() => {}, 1);
       const packed = await new Response(new Blob([data]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
       note('compressed', packed.byteLength > 1000, performance.now());
       note((await promisify(zlib.gunzip)(Buffer.from(packed))).length, performance.now());
       note(await promisify(zlib.gunzip)(Buffer.from('no gzip at all')).catch(({ code }) => code), performance.now());
       const unread = zlib.createGzip({ highWaterMark: 1 });
       unread.write(data);
       clearInterval(tick);
       await sleep(60_000);
       note('unread', performance.now());`,
      COMPRESSION,
    );
    expect(notes).toEqual(['compressed true 0', '300000 0', 'Z_DATA_ERROR 0', 'unread 60000']);
  });

  const COMPRESSION = `
    import { Readable } from 'node:stream';
    import { pipeline } from 'node:stream/promises';
    import { promisify } from 'node:util';
    import zlib from 'node:zlib';
    const data = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * n * 31) >> 3));`;
});

describe('clocks that follow virtual time', () => {
  it('uptime, formats, events, files, and the timeline', async () => {
    const notes = await notesOf(
      `await sleep(1500);
       const long = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' });
       note(process.uptime(), long.format(), long.formatToParts().map(({ value }) => value).join(''), long.format(0));
       note(new Event('now').timeStamp, new File([], 'now').lastModified - Date.now(), new File([], 'then', { lastModified: 5 }).lastModified);
       const seen = [];
       new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ entryTypes: ['mark', 'measure'] });
       performance.mark('start');
       await sleep(500);
       const { startTime, duration } = performance.measure('span', 'start');
       note(startTime, duration, performance.measure('all').duration, performance === hooks);
       await sleep(1);
       note(seen.map(({ name, duration }) => name + ' ' + duration).join(', '));`,
      `import { performance as hooks, PerformanceObserver } from 'node:perf_hooks';`,
    );
    expect(notes).toEqual([
      '1.5 00:00:01 00:00:01 00:00:00',
      '1500 0 5',
      '1500 500 2000 true',
      'start 0, all 2000, span 500',
    ]);
  });

  it('the timeout of a socket, connected to the provider or not at all', async () => {
    const notes = await notesOf(
      `const { port, hostname: host } = new URL(env.OPENAI_BASE_URL);
       await new Promise((expire) => net.connect(port, host).setTimeout(700).on('timeout', expire));
       note(performance.now());
       await new Promise((expire) => net.connect({ port, host, timeout: 700 }).on('timeout', expire));
       note(performance.now());
       await new Promise((expire) => new net.Socket().setTimeout(700, expire));
       note(performance.now());`,
      `import net from 'node:net';`,
    );
    expect(notes).toEqual(['700', '1400', '2100']);
  });
});

describe('a call that would wait in real time is refused by its name', () => {
  it.each([
    ['a child process (execFileSync)', `child.execFileSync('sleep', ['1'])`],
    ['a child process (execSync)', `child.execSync('sleep 1')`],
    ['a child process (spawnSync)', `child.spawnSync('sleep', ['1'])`],
    ['a child process (spawn)', `child.spawn('sleep', ['1']).unref()`],
    ['a worker thread (new Worker)', `new workers.Worker('', { eval: true }).unref()`],
    ['a DNS look-up (dns.resolve4)', `dns.resolve4('example.org', () => {})`],
    ['a DNS look-up (dns.promises.resolveMx)', `await dns.promises.resolveMx('example.org')`],
    ['a DNS look-up (Resolver.resolve4)', `await new dns.promises.Resolver().resolve4('example.org')`],
    [`a native handle (process.binding('spawn_sync'))`, `process.binding('spawn_sync').spawn({ file: 'sleep' })`],
    [`a native handle (process.binding('tcp_wrap'))`, `new (process.binding('tcp_wrap').TCP)(0)`],
    ['a child process (ChildProcess.spawn)', `new child.ChildProcess().spawn({ file: 'sleep', args: ['sleep', '1'] })`],
    ['a child process (fork)', `child.fork('./nothing.js')`],
    ['a datagram socket (dgram.connect)', `dgram.createSocket('udp4').unref().connect(9, '127.0.0.1')`],
    ['a datagram socket (dgram.send)', `dgram.createSocket('udp4').unref().send('x', 9, '127.0.0.1')`],
  ])('%s', async (what, call) => {
    const { error, printed } = await runVirtualClient(
      `import child from 'node:child_process';
       import dgram from 'node:dgram';
       import dns from 'node:dns';
       import workers from 'node:worker_threads';
       export default async () => {
         try { ${call}; } catch ({ code }) { console.log(code); }
         await new Promise((wake) => setTimeout(wake, 1000));
       };`,
      ONE_CALL,
    );
    expect(error).toMatch(/^client\/outside-virtual-time: .*client\.mjs leaves virtual time: it waits for /);
    expect(error?.endsWith(what)).toBe(true);
    expect(printed.trim()).toBe('QUOTALAB_OUTSIDE_VIRTUAL_TIME');
  });
});

describe('a connection past the provider does not go unseen', () => {
  it.each([
    [
      'a connection to localhost:9',
      `net.connect({ host: 'localhost', port: 9, lookup: (_host, _options, done) => done(null, '192.0.2.1', 4) })`,
    ],
    ['a connection to 192.0.2.1:9', `net.connect({ path: '', host: '192.0.2.1', port: 9 })`],
    ['a connection to a local socket', `net.connect('/nowhere.sock')`],
  ])('%s', async (what, connect) => {
    const { error, printed } = await runVirtualClient(
      `import net from 'node:net';
       export default async () => {
         ${connect}.on('error', ({ code }) => console.log(code));
         await new Promise((wake) => setTimeout(wake, 1000));
       };`,
      ONE_CALL,
    );
    // A foreign host is refused, as in wall time, and the run goes on; what is on this machine leaves virtual time.
    if (what.includes('192.0.2.1'))
      expect([error, printed]).toEqual([undefined, expect.stringContaining('QUOTALAB_FOREIGN_HOST')]);
    else expect(error).toMatch(new RegExp(`^client/outside-virtual-time: .*waits for ${what}$`));
  });
});
