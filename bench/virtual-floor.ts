/**
 * The lower bound for virtual time, in a worker thread: fake timers, a replaced fetch, a two-line bucket and
 * precomputed replies, driven by the VUs of the scenario. These clients need two rounds of setImmediate after each
 * timer (`speed.md` A).
 */
import { syncBuiltinESMExports } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { install } from '@sinonjs/fake-timers';

export interface FloorSettings {
  readonly client: string;
  readonly vus: number;
  readonly durationMs: number;
  readonly latencyMs: number;
  /** Precomputed replies of the mock: the work of a client depends on the size of the reply. */
  readonly answer: FixedReply;
  readonly refusal: FixedReply;
}

export interface FixedReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const { client, vus, durationMs, latencyMs, answer, refusal } = workerData as FloorSettings;
const realNow = performance.now.bind(performance);
const realImmediate = setImmediate;
const clock = install({
  now: Date.UTC(2026, 0, 1),
  toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance', 'hrtime'],
});
syncBuiltinESMExports();
process.env.OPENAI_BASE_URL = 'http://127.0.0.1:4010/v1';
process.env.OPENAI_API_KEY = 'sk-bench';

let attempts = 0;
let tokens = 5;
let filledMs = Date.now();
globalThis.fetch = (): Promise<Response> => {
  attempts++;
  tokens = Math.min(5, tokens + ((Date.now() - filledMs) * 5) / 1000);
  filledMs = Date.now();
  const admit = tokens >= 1;
  if (admit) tokens -= 1;
  const { status, headers, body } = admit ? answer : refusal;
  return new Promise((resolve) => {
    setTimeout(() => resolve(new Response(body, { status, headers })), admit ? latencyMs : 1);
  });
};

const { default: call } = (await import(client)) as { default: (call: object) => Promise<void> };
const endMs = Date.now() + durationMs;
let over = false;
const users = Array.from({ length: vus }, async (_, vu) => {
  for (let iteration = 0; Date.now() < endMs; iteration++) {
    await call({ model: 'gpt-4o-mini', prompt: `a prompt of some words (${vu}-${iteration})` }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 300));
  }
});
void Promise.all(users).then(() => {
  over = true;
});

const beganMs = realNow();
const turn = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));
while (!over) {
  await turn();
  await turn();
  clock.next();
}
parentPort!.postMessage({ attempts, ms: realNow() - beganMs });
