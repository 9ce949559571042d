import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest } from '../../../mock-server/listen.ts';
import { createProvider } from '../../../mock-server/provider.ts';
import { wallClock } from '../../../src/clock/wall-clock.ts';
import type { Via } from '../../../src/journal/record.ts';
import { serve } from '../../../src/run/serve.ts';
import { resolveProvider } from '../../../src/scenario/resolve-provider.ts';
import type { GatewaySettings } from '../../../src/scenario/scenario.ts';
import type { ScenarioInput } from '../../../src/scenario/schema.ts';

/** A gateway in Node that does with each request what `habit` says; `pass(more)` sends it on. */
export function habitual(habit: string): Pick<GatewaySettings, 'command' | 'folder'> {
  const folder = mkdtempSync(join(tmpdir(), 'quotalab-habit-'));
  writeFileSync(
    join(folder, 'gateway.mjs'),
    `import { createServer, request } from 'node:http';
import { spawn } from 'node:child_process';
const [port, upstream] = process.argv.slice(2);
const [host, upstreamPort] = upstream.split(':');
const waiting = [];
const server = createServer((asked, answer) => {
  const chunks = [];
  asked.on('data', (bytes) => chunks.push(bytes));
  asked.on('end', () => handle(asked, answer, Buffer.concat(chunks).toString()));
});
function send(asked, body, headers, then) {
  const to = request({ host, port: upstreamPort, method: asked.method, path: asked.url, headers }, then);
  to.on('error', () => undefined);
  to.end(body);
  return to;
}
function handle(asked, answer, body) {
  const pass = ({ headers = asked.headers, text = body } = {}) =>
    send(asked, text, { ...headers, 'content-length': Buffer.byteLength(text) }, (from) => {
      answer.writeHead(from.statusCode, from.headers);
      from.pipe(answer);
    });
  ${habit}
}
server.listen(Number(port), '127.0.0.1');
`,
  );
  return { command: [process.execPath, 'gateway.mjs', '{port}', '{upstream}'], folder };
}

export interface Went {
  readonly sight: { readonly status: number } & Readonly<Record<string, unknown>>;
  readonly via: Via;
  readonly outcome: string;
  readonly startUs: number;
  readonly headersUs?: number;
  readonly endUs: number;
}

/** A provider behind a gateway, and what became of each request. */
export async function behind(
  gateway: Pick<GatewaySettings, 'command' | 'folder'> & Partial<GatewaySettings>,
  provider: NonNullable<ScenarioInput['provider']> = {},
) {
  const settings = resolveProvider({ latency: { firstToken: 0, perToken: 0 }, ...provider }, 1);
  const exchanges: Went[] = [];
  const served = await serve(createProvider(settings, digest), {
    gateway: { env: {}, startTimeoutUs: 60e6, ...gateway },
    nowUs: wallClock().nowUs,
    onExchange: (exchange, via) => exchanges.push({ ...exchange, sight: { ...exchange.sight }, via }),
    signal: new AbortController().signal,
  });
  return { ...served, exchanges };
}

/** A chat request whose prompt is `prompt`. */
export function chat(url: string, prompt: string, more: RequestInit & { body?: never; stream?: boolean } = {}) {
  const { stream, ...rest } = more;
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk-test', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: prompt }], stream }),
    ...rest,
  });
}
