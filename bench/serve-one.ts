/** Runs one of the servers that are compared, in a process of its own: `node bench/serve-one.ts NAME` prints its URL. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import type { Limit } from '../mock-server/admission/limit.ts';
import { digest, listen } from '../mock-server/listen.ts';
import { createProvider } from '../mock-server/provider.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { parseLimitLine } from '../src/scenario/limit-line.ts';
import { resolveProvider } from '../src/scenario/resolve-provider.ts';

const ANSWER_TOKENS = 40;

/** Five limits that every request meets and none refuses. */
const LIMITS: readonly Limit[] = [
  'requests 90M/min name rpm',
  'tokens 900M/min name tpm',
  'requests 900M/day name rpd',
  'requests 90M/min per key name key',
  'requests 90M/min per project name project',
].map(parseLimitLine);

/** Reads the body, parses it, answers with as many bytes and headers as ours: the floor that any mock stands on. */
async function bare(): Promise<string> {
  const content = 'Word '.repeat(ANSWER_TOKENS).trim();
  const headers = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`x-header-${n}`, 'value']));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
      const body = JSON.stringify({
        id: 'chatcmpl-x',
        object: 'chat.completion',
        model,
        choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 5,
          completion_tokens: ANSWER_TOKENS,
          total_tokens: ANSWER_TOKENS + 5,
          prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
          completion_tokens_details: {
            reasoning_tokens: 0,
            audio_tokens: 0,
            accepted_prediction_tokens: 0,
            rejected_prediction_tokens: 0,
          },
        },
      });
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...headers,
      });
      response.end(body);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function quotalab(): Promise<string> {
  const latency = { firstToken: 0, perToken: 0 } as const;
  const settings = { ...resolveProvider({ latency, answerTokens: ANSWER_TOKENS }, 1), limits: LIMITS };
  return (await listen(createProvider(settings, digest), { nowUs: wallClock().nowUs })).url;
}

async function aimock(): Promise<string> {
  const mock = new LLMock({ port: 0 });
  mock.onMessage('hi', { content: 'Word '.repeat(ANSWER_TOKENS).trim() });
  await mock.start();
  return mock.url;
}

const servers: Readonly<Record<string, () => Promise<string>>> = { bare, quotalab, aimock };
console.log(await servers[process.argv[2] ?? '']!());
