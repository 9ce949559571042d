import type { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Call, CallOutcome, Client } from './client.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './module-worker.ts';
import { endOf, interruptedImport, listenTo, neverReady, startThread } from './worker-thread.ts';

export interface ModuleClientOptions {
  /** Absolute path of the client module. */
  readonly module: string;
  /** Set in the worker's environment before the module is imported. */
  readonly env: Readonly<Record<string, string>>;
  /** The run's clock, so that the worker's times are on it (`wallClock`). */
  readonly clockOriginUs: number;
  /** Hosts beside loopback that the client may reach. */
  readonly allowHosts: readonly string[];
  /** How long the module's import may take before it is given up. */
  readonly importTimeoutMs?: number;
  /** Aborts when nobody waits for the import any more. */
  readonly signal?: AbortSignal;
  /** What the client prints; it must not mix with the results on stdout. */
  readonly print: (text: string) => void;
}

/** A client that is too busy to hear that the run is over is not waited for. */
const LONGEST_FAREWELL_MS = 500;

/**
 * Starts the team's module in a worker thread of its own. Throws `client/import-failed`, `client/no-default-export`,
 * `client/never-ready`, `client/exited` or `client/interrupted`, each before any call was made.
 */
export async function startModuleClient(options: ModuleClientOptions): Promise<Client> {
  const { module, env, clockOriginUs, allowHosts, print } = options;
  const data: WorkerSettings = { module, clockOriginUs, allowHosts };
  const worker = startThread({ file: new URL('./module-worker', import.meta.url), data, env });
  listenTo(worker, print);
  const pending = new Map<number, (outcome: CallOutcome) => void>();
  const ended = endOf(worker, module);
  let stopping = false;

  worker.on('message', (message: FromWorker) => {
    if (message.type !== 'outcome') return;
    pending.get(message.id)?.(message.outcome);
    pending.delete(message.id);
  });
  await ready(worker, ended, options);

  return {
    call: (call: Call) =>
      new Promise((resolve) => {
        pending.set(call.id, resolve);
        worker.postMessage({ type: 'call', call } satisfies ToWorker);
      }),
    died: new Promise((resolve) => void ended.then((error) => stopping || resolve(error))),
    async stop() {
      stopping = true;
      const heard = new Promise<void>((resolve) => {
        worker.on('message', ({ type }: FromWorker) => type === 'stopped' && resolve());
        setTimeout(resolve, LONGEST_FAREWELL_MS).unref();
      });
      worker.postMessage({ type: 'stop' } satisfies ToWorker);
      // The abort must be heard before the thread goes, so that the client's own clean-up can run.
      await Promise.race([heard, ended]);
      await worker.terminate();
    },
  };
}

async function ready(worker: Worker, ended: Promise<Error>, options: ModuleClientOptions): Promise<void> {
  const { module, importTimeoutMs = 30_000, signal } = options;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(neverReady(module)), importTimeoutMs);
      void ended.then(reject);
      const abort = (): void => reject(interruptedImport(module));
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'ready') resolve();
        if (message.type === 'failed') {
          reject(new QuotaLabError(message.code, message.message, { problems: message.problems }));
        }
      });
    });
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
