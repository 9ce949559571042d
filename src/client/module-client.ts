import type { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import { SHUTDOWN_GRACE_MS } from '../programs/proc.ts';
import type { ModuleCode } from '../scenario/scenario.ts';
import type { CallOutcome, Client, ClientCall } from './client.ts';
import type { GuardSettings } from './guard-programs.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './module-worker.ts';
import {
  forwardOutput,
  importInterruptedError,
  neverReadyError,
  startThread,
  waitForThreadEnd,
} from './worker-thread.ts';

export interface ModuleClientOptions {
  readonly code: ModuleCode;
  /** Set in the worker's environment before the module is imported. */
  readonly env: Readonly<Record<string, string>>;
  /** Origin of the run's clock, shared by the worker (`wallClock`). */
  readonly clockOriginUs: number;
  readonly guard: GuardSettings;
  /** Timeout of the module's import. */
  readonly importTimeoutMs?: number;
  /** Aborts the import. */
  readonly signal?: AbortSignal;
  /** Takes the client's output, which must not mix with the results on stdout. */
  readonly print: (text: string) => void;
}

/**
 * Starts a client module in its own worker thread. Throws `client/import-failed`, `client/no-default-export`,
 * `client/no-export`, `client/never-ready`, `client/exited` or `client/interrupted`, each before any call is made.
 */
export async function startModuleClient(options: ModuleClientOptions): Promise<Client> {
  const { code, env, clockOriginUs, guard, print } = options;
  const { module } = code;
  const data: WorkerSettings = { code, clockOriginUs, guard };
  const worker = startThread({ file: new URL('./module-worker', import.meta.url), data, env });
  forwardOutput(worker, print);
  const pending = new Map<number, (outcome: CallOutcome) => void>();
  const ended = waitForThreadEnd(worker, module);
  let stopping = false;

  worker.on('message', (message: FromWorker) => {
    if (message.type !== 'outcome') return;
    pending.get(message.id)?.(message.outcome);
    pending.delete(message.id);
  });
  await ready(worker, ended, options);

  return {
    call: (call: ClientCall) =>
      new Promise((resolve) => {
        pending.set(call.id, resolve);
        worker.postMessage({ type: 'call', call } satisfies ToWorker);
      }),
    died: new Promise((resolve) => void ended.then((error) => stopping || resolve(error))),
    async stop() {
      stopping = true;
      const stopped = new Promise<void>((resolve) => {
        worker.on('message', ({ type }: FromWorker) => type === 'stopped' && resolve());
        setTimeout(resolve, SHUTDOWN_GRACE_MS).unref();
      });
      worker.postMessage({ type: 'stop' } satisfies ToWorker);
      // Wait until the abort has been handled, so that the client's clean-up can run.
      await Promise.race([stopped, ended]);
      await worker.terminate();
    },
  };
}

async function ready(worker: Worker, ended: Promise<Error>, options: ModuleClientOptions): Promise<void> {
  const { code, importTimeoutMs = 30_000, signal } = options;
  const { module } = code;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(neverReadyError(module)), importTimeoutMs);
      void ended.then(reject);
      const abort = (): void => reject(importInterruptedError(module));
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
