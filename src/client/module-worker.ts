import { parentPort, workerData } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import { wallClock } from '../clock/wall-clock.ts';
import type { ModuleCode } from '../scenario/scenario.ts';
import { callTags } from './call-tags.ts';
import type { CallOutcome, ClientCall, ClientFunction } from './client.ts';
import { importClient, settleCall } from './client-module.ts';
import { type GuardSettings, guardThread } from './guard-programs.ts';
import { Replica } from './replica.ts';
import { allowTypeScriptImports } from './typescript-imports.ts';

export interface WorkerSettings {
  readonly code: ModuleCode;
  readonly clockOriginUs: number;
  readonly guard: GuardSettings;
}

export type ToWorker = { readonly type: 'call'; readonly call: ClientCall } | { readonly type: 'stop' };

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'stopped' }
  | ({ readonly type: 'failed' } & Pick<QuotaLabError, 'code' | 'message' | 'problems'>)
  | { readonly type: 'outcome'; readonly id: number; readonly outcome: CallOutcome };

const settings = workerData as WorkerSettings;
const clock = wallClock(settings.clockOriginUs);
const tags = callTags();
const runAborted = new AbortController();
const { QUOTALAB_REPLICA: replicaName } = process.env;
/** This thread is one of several replicas, and its requests say so. */
const replica = replicaName === undefined ? undefined : new Replica(replicaName);

// Must precede the import: an SDK may open sockets or read the environment while it loads.
guardThread(settings.guard);
allowTypeScriptImports();
try {
  const client = await importClient(settings.code);
  parentPort!.on('message', (message: ToWorker) => {
    if (message.type === 'stop') stop();
    else void handleCall(client, message.call);
  });
  send({ type: 'ready' });
} catch (error) {
  if (!(error instanceof QuotaLabError)) throw error;
  send({ type: 'failed', code: error.code, message: error.message, problems: error.problems });
}

/** Aborts all calls; reports `stopped` after the client's synchronous abort handlers have run. */
function stop(): void {
  runAborted.abort();
  setImmediate(() => send({ type: 'stopped' }));
}

async function handleCall(client: ClientFunction, call: ClientCall): Promise<void> {
  const startUs = clock.nowUs();
  const ended = await tags.run(
    call.id,
    () => settleCall(client, call, { env: process.env, signal: runAborted.signal }),
    replica,
  );
  send({ type: 'outcome', id: call.id, outcome: { startUs, endUs: clock.nowUs(), ...ended } });
}

function send(message: FromWorker): void {
  parentPort!.postMessage(message);
}
