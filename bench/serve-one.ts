/**
 * Child process of `server.ts`: `node bench/serve-one.ts NAME` starts one of the compared servers and prints its URL.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import type { Limit } from '../mock-server/admission/limit.ts';
import { digest } from '../mock-server/digest.ts';
import { listen } from '../mock-server/listen.ts';
import { createProvider, type Provider } from '../mock-server/provider.ts';
import { openServeLive } from '../src/cli/serve-live.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { parseLimitLine } from '../src/scenario/limit-line.ts';
import { resolveProvider } from '../src/scenario/resolve-provider.ts';

const ANSWER_TOKENS = 40;

/** Five limits that meter every request and refuse none. */
const LIMITS: readonly Limit[] = [
  'requests 90M/min name rpm',
  'tokens 900M/min name tpm',
  'requests 900M/day name rpd',
  'requests 90M/min per key name key',
  'requests 90M/min per project name project',
].flatMap(parseLimitLine);

function provider(): Provider {
  const latency = { firstToken: 0, perToken: 0 } as const;
  const settings = { ...resolveProvider({ latency, answerTokens: ANSWER_TOKENS }, 1), limits: LIMITS };
  return createProvider(settings, digest);
}

/** Parses the body and sends a precomputed reply of the mock: the lower bound for any mock server. */
async function bare(): Promise<string> {
  const request = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] };
  const { headers, frames } = provider().receive(
    {
      method: 'POST',
      target: '/v1/chat/completions',
      headers: { authorization: 'Bearer sk-bench' },
      body: JSON.stringify(request),
      ip: '127.0.0.1',
    },
    wallClock().nowUs(),
  );
  const answer = JSON.parse(frames[0]!.text) as object;
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
      const body = JSON.stringify({ ...answer, model });
      response.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) });
      response.end(body);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function quotalab(): Promise<string> {
  return (await listen(provider(), { nowUs: wallClock().nowUs })).url;
}

/** The same as `serve --ui`: the address of the live page follows. */
async function live(): Promise<string> {
  const { nowUs } = wallClock();
  const served = provider();
  const page = await openServeLive(served, nowUs);
  const { url } = await listen(served, { nowUs, onExchange: page.add });
  return `${url} ${page.url}`;
}

async function aimock(): Promise<string> {
  const mock = new LLMock({ port: 0 });
  mock.onMessage('hi', { content: 'Word '.repeat(ANSWER_TOKENS).trim() });
  await mock.start();
  return mock.url;
}

const servers: Readonly<Record<string, () => Promise<string>>> = { bare, quotalab, live, aimock };
console.log(await servers[process.argv[2] ?? '']!());
