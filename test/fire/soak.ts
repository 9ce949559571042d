import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { BIN } from '../quotalab.ts';
import { connectInspector, type Inspector } from './soak/inspector.ts';
import { createWorkplace } from './workplace.ts';

export interface SoakOptions {
  readonly keys: number;
  readonly streams: number;
  readonly waves: number;
  /** How long a key's bucket takes to be as new after one request. */
  readonly idleMs: number;
  /** Requests that come first, so that what is kept for good is there before it is measured. */
  readonly warmUp: number;
  /** Between the tokens of a stream. */
  readonly perTokenMs: number;
}

/** What a server holds: its heap without garbage, and its open files and sockets. */
interface Held {
  readonly heapBytes: number;
  readonly descriptors: number;
}

export interface SoakResult {
  readonly before: Held;
  /** At the end of each wave, its last streams still open. */
  readonly waves: readonly Held[];
  readonly after: Held;
  readonly answered: number;
  readonly ended: number;
  readonly aborted: number;
}

const CONNECTIONS = 64;
const FIRST_TOKEN_MS = 20;

/** Starts `quotalab serve` in a process of its own, sends keys and streams in waves, and measures before, during and after. */
export async function soakServe(options: SoakOptions): Promise<SoakResult> {
  const place = createWorkplace();
  const rate = `requests 1/${options.idleMs}ms burst 3 per key`;
  const args = [
    'serve',
    '--port',
    '0',
    '--limit',
    rate,
    '--first-token',
    `${FIRST_TOKEN_MS}ms`,
    '--per-token',
    `${options.perTokenMs}ms`,
  ];
  const { child, ended } = place.start(args, [process.execPath, '--inspect=127.0.0.1:0', BIN]);
  let inspector: Inspector | undefined;
  try {
    const [url, address] = await Promise.all([
      firstMatch(child.stdout!, /(http:\/\/127\.0\.0\.1:\d+)/),
      firstMatch(child.stderr!, /(ws:\/\/\S+)/),
    ]);
    inspector = await connectInspector(address);
    const { heapBytes } = inspector;
    const descriptors = (): number => readdirSync(`/proc/${child.pid}/fd`).length;
    const idle = descriptors();
    return await soak(url, options, {
      now: async () => ({ heapBytes: await heapBytes(), descriptors: descriptors() }),
      async idle() {
        // The server notices some time later that its clients have gone.
        for (let tries = 0; descriptors() > idle && tries < 50; tries++) await sleep(50);
        return this.now();
      },
    });
  } finally {
    inspector?.close();
    child.kill();
    await ended;
    place.remove();
  }
}

function firstMatch(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve) =>
    stream.on('data', (piece: string) => {
      text += piece;
      const [, found] = pattern.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    }),
  );
}

interface Measure {
  now(): Promise<Held>;
  /** Once all sockets of clients are closed. */
  idle(): Promise<Held>;
}

async function soak(url: string, options: SoakOptions, measure: Measure): Promise<SoakResult> {
  const { keys, streams, waves, idleMs, warmUp } = options;
  const counts = { answered: 0, ended: 0, aborted: 0 };
  let client = createClient(url, counts);
  await client.ask('warm-up', warmUp, 50);
  await client.close();
  const before = await measure.idle();
  const held: Held[] = [];
  for (let wave = 0; wave < waves; wave++) {
    client = createClient(url, counts);
    const open = client.stream(`stream-${wave}`, Math.ceil(streams / waves));
    await client.ask(`key-${wave}`, Math.ceil(keys / waves));
    held.push(await measure.now());
    await open;
    await client.close();
  }
  await sleep(idleMs);
  client = createClient(url, counts);
  // Each request looks at two buckets, and drops those that are as new.
  await client.ask('sweep', Math.ceil(keys / 2) + streams, 50);
  await client.close();
  return { before, waves: held, after: await measure.idle(), ...counts };
}

/** Sends requests, each with the next of its keys, and streams, every second of which is broken off midway. */
function createClient(url: string, counts: { answered: number; ended: number; aborted: number }) {
  const pool = new Pool(url, { connections: CONNECTIONS });
  const streaming = new Pool(url);
  const request = (key: string, more: object) => ({
    path: '/v1/chat/completions',
    method: 'POST' as const,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: key }], ...more }),
  });
  return {
    async ask(name: string, count: number, keys = count): Promise<void> {
      let next = 0;
      const askInTurn = async (): Promise<void> => {
        for (let index = next++; index < count; index = next++) {
          const { statusCode, body } = await pool.request(
            request(`sk-${name}-${index % keys}`, { max_completion_tokens: 1 }),
          );
          await body.dump();
          if (statusCode === 200) counts.answered++;
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS * 8 }, askInTurn));
    },
    async stream(name: string, count: number): Promise<void> {
      const openOne = async (index: number): Promise<void> => {
        const { body } = await streaming.request(request(`sk-${name}-${index}`, { stream: true }));
        if (index % 2 === 0) {
          await body.text();
          counts.ended++;
          return;
        }
        for await (const _piece of body) break;
        body.destroy();
        counts.aborted++;
      };
      await Promise.all(Array.from({ length: count }, (_, index) => openOne(index)));
    },
    close: () => Promise.all([pool.close(), streaming.destroy()]),
  };
}

const MAX_GROWTH = 1.2;

/** `npm run fire -- soak --keys 100000 --streams 5000`: what `serve` holds before and after many keys and streams. */
export async function soakFire(flags: string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: flags,
    options: {
      keys: { type: 'string', default: '100000' },
      streams: { type: 'string', default: '5000' },
      waves: { type: 'string', default: '10' },
    },
  });
  const [keys, streams, waves] = [Number(values.keys), Number(values.streams), Number(values.waves)];
  const {
    before,
    after,
    waves: held,
    answered,
    ended,
    aborted,
  } = await soakServe({ keys, streams, waves, idleMs: 30_000, warmUp: 12_000, perTokenMs: 100 });
  process.stdout.write(
    `${keys} keys and ${streams} streams in ${waves} waves: ${answered} answered, ${ended} streams ended, ${aborted} broken off\n` +
      `  before ${formatHeld(before)}\n` +
      held.map((one, index) => `  wave ${index + 1} ${formatHeld(one)}\n`).join('') +
      `  after ${formatHeld(after)}: ${(after.heapBytes / before.heapBytes).toFixed(2)} times the heap\n`,
  );
  return after.heapBytes <= MAX_GROWTH * before.heapBytes && after.descriptors <= before.descriptors;
}

const formatHeld = ({ heapBytes, descriptors }: Held): string =>
  `${(heapBytes / 1e6).toFixed(1)} MB of heap, ${descriptors} descriptors`;
