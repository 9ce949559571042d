import { parentPort } from 'node:worker_threads';
import { type Problem, QuotaLabError } from '../../mock-server/error.ts';
import { createInProcess } from '../../mock-server/in-process.ts';
import { createInterceptedFetch } from '../../mock-server/intercept-fetch.ts';
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
import { createIdleWait, RealIoWait } from '../clock/idle-wait.ts';
import { seedGlobals } from '../clock/seeded-globals.ts';
import { Deadlock, installVirtualClock } from '../clock/virtual-clock.ts';
import { formatRecord } from '../journal/journal-writer.ts';
import type { EndRecord } from '../journal/record.ts';
import { planOf } from '../load/executors.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { createCallBuilder } from './call-builder.ts';
import { drive } from './drive.ts';
import { createHeader } from './header.ts';
import { createInstantRecorder } from './instant-recorder.ts';
import { moduleOf } from './module-of.ts';

export interface VirtualSettings {
  readonly scenario: Scenario;
  /** The whole environment of the client. */
  readonly env: Readonly<Record<string, string>>;
  readonly tool: string;
  readonly allowHosts: readonly string[];
  /** The address in the client's environment; requests to it are intercepted. */
  readonly host: string;
  readonly port: number;
  /** Whether the run pauses each second until the runner replies `go` or `stop`. */
  readonly pausesEachSecond: boolean;
  /** Whether `fetch` is intercepted directly or through a socket in memory. The client sees no difference. */
  readonly fetchThrough: 'fetch' | 'socket';
  /** Counts the steps of the clock, so that a stalled thread is detected. */
  readonly heartbeat: Int32Array<SharedArrayBuffer>;
}

export type ToVirtual =
  /** The first message: a spare thread starts before its run is known. */
  | { readonly type: 'begin'; readonly settings: VirtualSettings }
  | { readonly type: 'go' }
  | { readonly type: 'stop'; readonly reason: EndRecord['stopped'] };

export type FromVirtual =
  /** The client has been imported; its first call is about to start. */
  | { readonly type: 'ready' }
  /** Lines of the journal. `pausesForCheck`: time stands still until the runner replies `go` or `stop`. */
  | { readonly type: 'lines'; readonly lines: string; readonly elapsedUs: number; readonly pausesForCheck: boolean }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly problems: readonly Problem[] }
  | { readonly type: 'end'; readonly end: EndRecord };

const S_US = 1_000_000;
/** Interval between progress reports, in milliseconds of machine time. */
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

// The order matters: modules imported after the clock is installed cannot reach the real clock.
const realNow = performance.now.bind(performance);
const tokens = await loadTokenizer(scenario.provider);
const idleWait = createIdleWait(
  (what) => send({ type: 'note', text: what }),
  () => void Atomics.add(settings.heartbeat, 0, 1),
);
const clock = installVirtualClock(scenario.startUs);
const tags = callTags();
let lines = '';
let startedUs = 0;
const joiner = createJoiner();
const recorder = createInstantRecorder(clock.nowUs, joiner.join, (record) => {
  lines += formatRecord(record);
});
const provider = createProvider(scenario.provider, digest, tokens);
const network = createInProcess(provider, clock, recorder.attempt);
/** The last connection that the client tried to open to another host than the provider. */
let connection: string | undefined;
const outside = interceptAll();
const drawOutsideCalls = randomFor(scenario.seed, 'client');
seedGlobals(drawForCall);
stripTypesInPackages();

let crashed = false;
process.on('exit', () => flush('settled'));
process.on('uncaughtException', (error: Error) => {
  // A client may have its own handler.
  if (process.listenerCount('uncaughtException') > 1) return;
  crashed = true;
  flush('settled');
  fail(new QuotaLabError('client/crashed', `${moduleOf(scenario)} threw outside any call: ${error.message}`));
});
await main();
parentPort!.close();

async function main(): Promise<void> {
  try {
    const client = await clock.run(Promise.race([importClient(moduleOf(scenario)), outside]), idleWait);
    send({ type: 'ready' });
    const end = await clock.run(Promise.race([runLoad(client), outside]), idleWait, onJump());
    flush('settled');
    send({ type: 'end', end });
  } catch (error) {
    flush('settled');
    fail(toQuotaLabError(error));
  }
}

async function runLoad(client: ClientFunction): Promise<EndRecord> {
  startedUs = clock.nowUs();
  const over = new AbortController();
  const context = { env: process.env, signal: over.signal };
  provider.start(startedUs);
  recorder.begin(startedUs);
  lines += formatRecord(createHeader(scenario, settings.tool, startedUs));
  flush('progress');
  await drive(scenario.load.map(planOf), {
    clock,
    startedUs,
    waitTurn: recorder.orderByVu(clock.afterInstant),
    joiner,
    client: {
      async call(call) {
        const startUs = clock.nowUs();
        const ended = await tags.run(call.id, () => settleCall(client, call, context));
        return { startUs, endUs: clock.nowUs(), ...ended };
      },
    },
    random: (purpose) => randomFor(scenario.seed, purpose),
    buildCall: createCallBuilder(scenario),
    record: recorder.write,
    stop: stop.signal,
  });
  const endUs = clock.nowUs() - startedUs;
  // Close the network first, so that attempts cut off by the end of the run are not recorded as aborted by the client.
  network.close();
  over.abort();
  return { type: 'end', endUs, ...(stopped && { stopped }) };
}

/** Intercepts all network access of this thread. The promise rejects when the client leaves virtual time. */
function interceptAll(): Promise<never> {
  return new Promise((_, reject) => {
    guardHosts(settings.allowHosts, (target) => {
      connection = `a connection to ${target}`;
      reject(new RealIoWait(connection));
    });
    interceptSockets(network, settings.host, settings.port);
    if (settings.fetchThrough === 'socket') return;
    const fallback = globalThis.fetch;
    const callTag = (): string | undefined => tags.current()?.id.toString();
    globalThis.fetch = createInterceptedFetch({ inProcess: network, origin, fallback, callTag });
  });
}

/** Random numbers of a client depend on its call alone, not on the interleaving of the calls of one instant. */
function drawForCall(): number {
  const call = tags.current();
  if (!call) return drawOutsideCalls();
  call.draw ??= randomFor(scenario.seed, `client:${call.id}`);
  return call.draw();
}

/** Runs between two steps of the clock: reports progress, and pauses each second for the decision of the runner. */
function onJump(): () => Promise<void> | undefined {
  let lastProgressMs = realNow();
  let checkUs = clock.nowUs() + S_US;
  const scheduleCheck = (): void => void clock.at(checkUs, () => undefined);
  if (settings.pausesEachSecond) scheduleCheck();
  return () => {
    // The thread is about to be terminated: stop the clock.
    if (crashed) return new Promise(() => {});
    if (settings.pausesEachSecond && clock.nowUs() >= checkUs) {
      checkUs += S_US;
      scheduleCheck();
      flush('check');
      return new Promise((resolve) => {
        go = resolve;
      });
    }
    if (realNow() - lastProgressMs > PROGRESS_MS) {
      lastProgressMs = realNow();
      flush('progress');
    }
    return undefined;
  };
}

/** Sends lines to the runner. `progress` holds back the records of the current instant, whose order is not final yet. */
function flush(when: 'progress' | 'check' | 'settled'): void {
  if (when !== 'progress') recorder.settle();
  const pausesForCheck = when === 'check';
  if (lines !== '' || pausesForCheck)
    send({ type: 'lines', lines, elapsedUs: clock.nowUs() - startedUs, pausesForCheck });
  lines = '';
}

function toQuotaLabError(error: unknown): QuotaLabError {
  const module = moduleOf(scenario);
  if (error instanceof QuotaLabError) return error;
  if (error instanceof RealIoWait) {
    const what = connection ?? error.what;
    return clientError('client/outside-virtual-time', `${module} leaves virtual time: it waits for ${what}`, {
      message: `waits for ${what}, which virtual time cannot simulate`,
      hint: 'run it with time: wall',
    });
  }
  if (error instanceof Deadlock) {
    return clientError('client/never-ready', `${module} waits for an event that never happens`, {
      message: 'its import never completes',
      hint: 'check its top-level awaits',
    });
  }
  throw error;
}

function fail({ code, message, problems }: QuotaLabError): void {
  send({ type: 'failed', code, message, problems });
}

function send(message: FromVirtual): void {
  parentPort!.postMessage(message);
}
