import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import type { Call, CallOutcome, Client } from './client.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './module-worker.ts';

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

/** Node's exit code for a thread with nothing left to do and a top-level await that was never settled. */
const UNSETTLED_AWAIT = 13;

/**
 * Starts the team's module in a worker thread of its own. Throws `client/import-failed`, `client/no-default-export`,
 * `client/never-ready`, `client/exited` or `client/interrupted`, each before any call was made.
 */
export async function startModuleClient(options: ModuleClientOptions): Promise<Client> {
  const worker = startWorker(options);
  const pending = new Map<number, (outcome: CallOutcome) => void>();
  const ended = endOf(worker, options.module);
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

function startWorker({ module, env, clockOriginUs, allowHosts, print }: ModuleClientOptions): Worker {
  const settings: WorkerSettings = { module, clockOriginUs, allowHosts };
  // The worker's own file has the ending that this one has: `.ts` in a checkout, `.js` in the package.
  const file = new URL(`./module-worker${extname(import.meta.url)}`, import.meta.url);
  const worker = new Worker(file, {
    workerData: settings,
    env: { ...process.env, ...env },
    stdout: true,
    stderr: true,
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', print);
  }
  return worker;
}

/** Resolves, once, with the reason why the worker is gone. */
function endOf(worker: Worker, module: string): Promise<QuotaLabError> {
  return new Promise((resolve) => {
    worker.on('error', (cause: Error) => {
      resolve(new QuotaLabError('client/crashed', `${module} threw outside any call: ${cause.message}`, { cause }));
    });
    worker.on('exit', (code) => {
      const exited = new QuotaLabError('client/exited', `${module} ended the process with code ${code}`);
      resolve(code === UNSETTLED_AWAIT ? neverReady(module) : exited);
    });
  });
}

async function ready(worker: Worker, ended: Promise<Error>, options: ModuleClientOptions): Promise<void> {
  const { module, importTimeoutMs = 30_000, signal } = options;
  let timer: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(() => reject(neverReady(module)), importTimeoutMs);
      void ended.then(reject);
      const abort = (): void =>
        reject(new QuotaLabError('client/interrupted', `interrupted while ${module} was imported`));
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

function neverReady(module: string): QuotaLabError {
  const hint = 'does it await something at top level that never comes?';
  return new QuotaLabError('client/never-ready', `${module} does not finish its import`, {
    problems: [{ path: 'client.module', message: 'its import does not end', hint }],
  });
}
