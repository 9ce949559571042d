import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest } from '../../../mock-server/digest.ts';
import { createProvider } from '../../../mock-server/provider.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import type { Via } from '../../../src/journal/call-records.ts';
import { serve } from '../../../src/run/serve.ts';
import { resolveProvider } from '../../../src/scenario/resolve-provider.ts';
import type { GatewaySettings } from '../../../src/scenario/scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';

/** A gateway in Node that handles each request with the code `handler`; `pass(changes)` forwards it. */
export function scriptedGateway(handler: string): Pick<GatewaySettings, 'command' | 'folder'> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-scripted-'));
  writeFileSync(
    join(folder, 'gateway.mjs'),
    `import { createServer, request } from 'node:http';
import { spawn } from 'node:child_process';
const [port, upstream] = process.argv.slice(2);
const [host, upstreamPort] = upstream.split(':');
const waiting = [];
const server = createServer((incoming, response) => {
  const chunks = [];
  incoming.on('data', (bytes) => chunks.push(bytes));
  incoming.on('end', () => handle(incoming, response, Buffer.concat(chunks).toString()));
});
function send(incoming, body, headers, then) {
  const to = request({ host, port: upstreamPort, method: incoming.method, path: incoming.url, headers }, then);
  to.on('error', () => undefined);
  to.end(body);
  return to;
}
function handle(incoming, response, body) {
  const pass = ({ headers = incoming.headers, text = body } = {}) =>
    send(incoming, text, { ...headers, 'content-length': Buffer.byteLength(text) }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
  ${handler}
}
server.listen(Number(port), '127.0.0.1');
`,
  );
  return { command: [process.execPath, 'gateway.mjs', '{port}', '{upstream}'], folder };
}

export interface RecordedExchange {
  readonly view: { readonly status: number } & Readonly<Record<string, unknown>>;
  readonly via: Via;
  readonly outcome: string;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
}

/** Starts a provider behind a gateway and collects its exchanges. */
export async function serveBehind(
  gateway: Pick<GatewaySettings, 'command' | 'folder'> & Partial<GatewaySettings>,
  provider: NonNullable<ScenarioInput['provider']> = {},
) {
  const settings = resolveProvider({ latency: { firstToken: 0, perToken: 0 }, ...provider }, 1);
  const exchanges: RecordedExchange[] = [];
  const served = await serve(createProvider(settings, digest), {
    gateway: { env: {}, startTimeoutUs: 60e6, ...gateway },
    nowUs: wallClock().nowUs,
    onExchange: (exchange, via) => exchanges.push({ ...exchange, view: { ...exchange.view }, via }),
    signal: new AbortController().signal,
  });
  return { ...served, exchanges };
}

/** A chat request whose prompt is `prompt`. */
export function chat(url: string, prompt: string, options: RequestInit & { body?: never; stream?: boolean } = {}) {
  const { stream, ...rest } = options;
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }], stream }),
    ...rest,
  });
}
