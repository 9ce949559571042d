import { parentPort } from 'node:worker_threads';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { inProcess } from '../../mock-server/in-process.ts';
import { interceptedFetch } from '../../mock-server/intercept-fetch.ts';
import { interceptSockets } from '../../mock-server/intercept-sockets.ts';
import { digest } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { randomFor } from '../../mock-server/random.ts';
import { createJoiner } from '../attribution/joiner.ts';
import { callTags } from '../client/call-tags.ts';
import type { ClientFunction } from '../client/client.ts';
import { clientError, importClient, settleCall } from '../client/client-module.ts';
import { guardHosts } from '../client/host-guard.ts';
import { stripTypesInPackages } from '../client/package-types.ts';
import { createRest, OutsideWait } from '../clock/outside.ts';
import { seedGlobals } from '../clock/seeded-globals.ts';
import { installVirtualClock, StandStill } from '../clock/virtual-clock.ts';
import { lineOf } from '../journal/journal-writer.ts';
import type { EndRecord } from '../journal/record.ts';
import { planOf } from '../load/plan-of.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { drive } from './drive.ts';
import { headerOf } from './header.ts';
import { createInstantRecorder } from './instant-recorder.ts';
import { moduleOf } from './module-of.ts';
import { askFor } from './prompt.ts';

export interface VirtualSettings {
  readonly scenario: Scenario;
  /** The whole environment of the client. */
  readonly env: Readonly<Record<string, string>>;
  readonly tool: string;
  readonly allowHosts: readonly string[];
  /** Address that the client's environment names; nobody listens there. */
  readonly host: string;
  readonly port: number;
  /** Whether the runner wants to be asked each second of the run if it goes on. */
  readonly asks: boolean;
  /** Whether `fetch` is answered at once or goes the longer way through a socket in memory; the same for the client. */
  readonly fetchThrough: 'fetch' | 'socket';
  /** Counts the steps of the clock, so that a thread that hangs is noticed. */
  readonly heartbeat: Int32Array<SharedArrayBuffer>;
}

export type ToVirtual =
  /** The first message: a thread may have been made before anybody knew what it is for. */
  | { readonly type: 'begin'; readonly settings: VirtualSettings }
  | { readonly type: 'go' }
  | { readonly type: 'stop'; readonly reason: EndRecord['stopped'] };

export type FromVirtual =
  /** The client is imported, its first call about to start. */
  | { readonly type: 'ready' }
  /** Lines of the journal. `asks`: time stands still until the runner says `go` or `stop`. */
  | { readonly type: 'lines'; readonly lines: string; readonly elapsedUs: number; readonly asks: boolean }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly problems: readonly Problem[] }
  | { readonly type: 'end'; readonly end: EndRecord };

const S_US = 1_000_000;
/** How often progress is told, in milliseconds of the machine. */
const PROGRESS_MS = 100;

const stop = new AbortController();
let stopped: EndRecord['stopped'];
let go: (() => void) | undefined;
const settings = await new Promise<VirtualSettings>((begin) => {
  parentPort!.on('message', (message: ToVirtual) => {
    if (message.type === 'begin') return begin(message.settings);
    if (message.type === 'stop') {
      stopped = message.reason;
      stop.abort();
    }
    go?.();
  });
});
const { scenario } = settings;
for (const name of Object.keys(process.env)) if (settings.env[name] === undefined) delete process.env[name];
Object.assign(process.env, settings.env);
const origin = `http://${settings.host}:${settings.port}`;

// The order matters: what is imported after the clock is there has no way to the real one.
const realNow = performance.now.bind(performance);
const tokens = await loadTokenizer(scenario.provider);
const rest = createRest(
  (what) => tell({ type: 'note', text: what }),
  () => void Atomics.add(settings.heartbeat, 0, 1),
);
const clock = installVirtualClock(scenario.startUs);
const tags = callTags();
let lines = '';
let startedUs = 0;
const joiner = createJoiner();
const recorder = createInstantRecorder(clock.nowUs, joiner.join, (record) => {
  lines += lineOf(record);
});
const provider = createProvider(scenario.provider, digest, tokens);
const network = inProcess(provider, clock, recorder.attempt);
/** Where the client has reached for beside the provider. */
let connection: string | undefined;
const outside = interceptAll();
const drawForNone = randomFor(scenario.seed, 'client');
seedGlobals(drawForCall);
stripTypesInPackages();

let crashed = false;
process.on('exit', () => flush('settled'));
process.on('uncaughtException', (error: Error) => {
  // A client may have its own way with them.
  if (process.listenerCount('uncaughtException') > 1) return;
  crashed = true;
  flush('settled');
  fail(new QuotaLabError('client/crashed', `${moduleOf(scenario)} threw outside any call: ${error.message}`));
});
await main();
parentPort!.close();

async function main(): Promise<void> {
  try {
    const client = await clock.run(Promise.race([importClient(moduleOf(scenario)), outside]), rest);
    tell({ type: 'ready' });
    const end = await clock.run(Promise.race([runLoad(client), outside]), rest, onJump());
    flush('settled');
    tell({ type: 'end', end });
  } catch (error) {
    flush('settled');
    fail(named(error));
  }
}

async function runLoad(client: ClientFunction): Promise<EndRecord> {
  startedUs = clock.nowUs();
  const over = new AbortController();
  const context = { env: process.env, signal: over.signal };
  provider.begin(startedUs);
  recorder.begin(startedUs);
  lines += lineOf(headerOf(scenario, settings.tool, startedUs));
  flush('passing');
  await drive(scenario.load.map(planOf), {
    clock,
    startedUs,
    inTurn: recorder.inTurn(clock.afterInstant),
    joiner,
    client: {
      async call(call) {
        const startUs = clock.nowUs();
        const ended = await tags.run(call.id, () => settleCall(client, call, context));
        return { startUs, endUs: clock.nowUs(), ...ended };
      },
    },
    random: (purpose) => randomFor(scenario.seed, purpose),
    ask: askFor(scenario),
    record: recorder.write,
    stop: stop.signal,
  });
  const endUs = clock.nowUs() - startedUs;
  // The network goes first, so that attempts which the run's end cuts off are told apart from those a client gave up.
  network.close();
  over.abort();
  return { type: 'end', endUs, ...(stopped && { stopped }) };
}

/** Catches everything that could leave this thread; the promise rejects when the client reaches out of virtual time. */
function interceptAll(): Promise<never> {
  return new Promise((_, reject) => {
    guardHosts(settings.allowHosts, (target) => {
      connection = `a connection to ${target}`;
      reject(new OutsideWait(connection));
    });
    interceptSockets(network, settings.host, settings.port);
    if (settings.fetchThrough === 'socket') return;
    const otherwise = globalThis.fetch;
    const callTag = (): string | undefined => tags.current()?.id.toString();
    globalThis.fetch = interceptedFetch({ inProcess: network, origin, otherwise, callTag });
  });
}

/** What a client draws depends on its call alone, not on how the calls of one instant are interleaved. */
function drawForCall(): number {
  const call = tags.current();
  if (!call) return drawForNone();
  call.draw ??= randomFor(scenario.seed, `client:${call.id}`);
  return call.draw();
}

/** Between two steps of the clock: tells progress, and lets the runner decide each second whether to go on. */
function onJump(): () => Promise<void> | undefined {
  let toldMs = realNow();
  let askUs = clock.nowUs() + S_US;
  const due = (): void => void clock.at(askUs, () => undefined);
  if (settings.asks) due();
  return () => {
    // Nothing happens any more in a thread that is about to be ended.
    if (crashed) return new Promise(() => {});
    if (settings.asks && clock.nowUs() >= askUs) {
      askUs += S_US;
      due();
      flush('asks');
      return new Promise((resolve) => {
        go = resolve;
      });
    }
    if (realNow() - toldMs > PROGRESS_MS) {
      toldMs = realNow();
      flush('passing');
    }
    return undefined;
  };
}

/** Hands lines over; in passing those of the present instant are kept, since their order is not settled yet. */
function flush(when: 'passing' | 'asks' | 'settled'): void {
  if (when !== 'passing') recorder.settle();
  const asks = when === 'asks';
  if (lines !== '' || asks) tell({ type: 'lines', lines, elapsedUs: clock.nowUs() - startedUs, asks });
  lines = '';
}

function named(error: unknown): QuotaLabError {
  const module = moduleOf(scenario);
  if (error instanceof QuotaLabError) return error;
  if (error instanceof OutsideWait) {
    const what = connection ?? error.what;
    return clientError('client/outside-virtual-time', `${module} leaves virtual time: it waits for ${what}`, {
      message: `waits for ${what}, which virtual time cannot bring`,
      hint: 'run it in real time: time: wall',
    });
  }
  if (error instanceof StandStill) {
    return clientError('client/never-ready', `${module} waits for something that never comes`, {
      message: 'its import does not end',
      hint: 'does it await something at top level that never comes?',
    });
  }
  throw error;
}

function fail({ code, message, problems }: QuotaLabError): void {
  tell({ type: 'failed', code, message, problems });
}

function tell(message: FromVirtual): void {
  parentPort!.postMessage(message);
}
