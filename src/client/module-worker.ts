import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { Problem } from '../../mock-server/error.ts';
import { wallClock } from '../clock/wall-clock.ts';
import type { CallError } from '../journal/record.ts';
import { callTags } from './call-tags.ts';
import type { Call, CallOutcome, ClientFunction } from './client.ts';
import { guardHosts } from './host-guard.ts';
import { stripTypesInPackages } from './package-types.ts';

export interface WorkerSettings {
  readonly module: string;
  readonly clockOriginUs: number;
  readonly allowHosts: readonly string[];
}

export type ToWorker = { readonly type: 'call'; readonly call: Call } | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly problems: readonly Problem[] }
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: CallOutcome };

const settings = workerData as WorkerSettings;
const clock = wallClock(settings.clockOriginUs);
const tags = callTags();
const over = new AbortController();

// All of this comes before the import: an SDK may open sockets or read the environment while it loads.
guardHosts(settings.allowHosts);
stripTypesInPackages();
const client = await load(settings.module);

if (client) {
  parentPort!.on('message', (message: ToWorker) => {
    if (message.type === 'stop') stop();
    else void answer(client, message.call);
  });
  tell({ type: 'ready' });
}

/** What the client does on the abort has been done as far as it can at once when the runner is told. */
function stop(): void {
  over.abort();
  setImmediate(() => tell({ type: 'stopped' }));
}

async function answer(run: ClientFunction, call: Call): Promise<void> {
  const startUs = clock.nowUs();
  const ended = await tags.run(call.id, () => settle(run, call));
  tell({ type: 'outcome', id: call.id, outcome: { startUs, endUs: clock.nowUs(), ...ended } });
}

async function settle(run: ClientFunction, call: Call): Promise<Pick<CallOutcome, 'result' | 'error'>> {
  try {
    await run(call, { env: process.env, signal: over.signal });
    return { result: 'ok' };
  } catch (error) {
    return { result: 'error', error: describeError(error) };
  }
}

/** What a journal keeps of an error: anything may be thrown. */
function describeError(error: unknown): CallError {
  if (!(error instanceof Error)) return { name: 'thrown', message: String(error) };
  const { status, code } = error as { status?: unknown; code?: unknown };
  return {
    name: error.constructor.name || error.name,
    message: error.message,
    ...(typeof status === 'number' && { status }),
    ...(typeof code === 'string' && { code }),
  };
}

async function load(module: string): Promise<ClientFunction | undefined> {
  try {
    const loaded = (await import(pathToFileURL(module).href)) as { default?: unknown };
    if (typeof loaded.default === 'function') return loaded.default as ClientFunction;
    fail('client/no-default-export', `${module} has no function as its default export`, {
      path: 'client.module',
      message: `default export is ${loaded.default === undefined ? 'missing' : typeof loaded.default}`,
      hint: 'export default async function (call, context) { … }',
    });
  } catch (error) {
    const problem = {
      path: 'client.module',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
    const missing = /Cannot find package '([^']+)'/.exec(problem.message)?.[1];
    fail('client/import-failed', `${module} could not be imported`, {
      ...problem,
      ...(missing !== undefined && { hint: `npm install ${missing}` }),
    });
  }
  return undefined;
}

function fail(code: string, message: string, problem: Problem): void {
  tell({ type: 'failed', code, message, problems: [problem] });
}

function tell(message: FromWorker): void {
  parentPort!.postMessage(message);
}
