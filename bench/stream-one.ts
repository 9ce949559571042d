/**
 * Child process of `streams.ts` that holds streams open: `node --expose-gc bench/stream-one.ts NAME`; sends URL and
 * memory by IPC.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { digest } from '../mock-server/digest.ts';
import { listen } from '../mock-server/listen.ts';
import { createProvider } from '../mock-server/provider.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { parseLimitLine } from '../src/scenario/limit-line.ts';
import { resolveProvider } from '../src/scenario/resolve-provider.ts';

/** Reads the body and sends headers and one event: the minimal open stream. */
async function bare(): Promise<string> {
  const server = createServer((incoming, response) => {
    incoming.on('data', () => undefined);
    incoming.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[]}\n\n');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Sends the first token at once and 39 more one minute apart, so the whole answer is generated and pending. */
async function quotalab(): Promise<string> {
  const latency = { firstToken: 0, perToken: '1m' } as const;
  const limits = ['requests 90M/min', 'tokens 900M/min'].flatMap(parseLimitLine);
  const settings = { ...resolveProvider({ latency, answerTokens: 40 }, 1), limits };
  return (await listen(createProvider(settings, digest), { nowUs: wallClock().nowUs })).url;
}

const servers: Readonly<Record<string, () => Promise<string>>> = { bare, quotalab };
process.on('message', () => {
  gc!();
  gc!();
  const { rss } = process.memoryUsage();
  process.send!(rss);
});
process.send!(await servers[process.argv[2] ?? '']!());
