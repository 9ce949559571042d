import { extname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import { clientError } from './client-module.ts';

/** Node's exit code for a thread with nothing left to do and a top-level await that was never settled. */
const UNSETTLED_AWAIT = 13;

export interface ThreadOptions {
  /** The worker's own file, without its ending, which is the one that the caller's has. */
  readonly file: URL;
  readonly data?: unknown;
  /** Set in the worker's environment, over the process's own, before anything is imported. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * V8 compiles what WebAssembly calls in JavaScript anew when it has been called so often, and frees what it had. Threads that
 * do so at the same time (each has undici's parser) end the whole process now and then: "Check failed: jit_page.has_value()",
 * nodejs/node#64500. Nothing here is called so often that it would be missed.
 */
const NO_SECOND_WRAPPER = '--wasm-wrapper-tiering-budget=1000000000';

/** Starts a thread in which the team's code runs. */
export function startThread({ file, data, env = {} }: ThreadOptions): Worker {
  setFlagsFromString(NO_SECOND_WRAPPER);
  // `.ts` in a checkout, `.js` in the package.
  return new Worker(new URL(`${file.href}${extname(import.meta.url)}`), {
    workerData: data,
    env: { ...process.env, ...env },
    stdout: true,
    stderr: true,
  });
}

/** Takes what the client prints; it must not mix with the results on stdout. */
export function listenTo(worker: Worker, print: (text: string) => void): void {
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', print);
  }
}

/** Resolves, once, with the reason why the worker is gone. */
export function endOf(worker: Worker, module: string): Promise<QuotaLabError> {
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

export function neverReady(module: string): QuotaLabError {
  return clientError('client/never-ready', `${module} does not finish its import`, {
    message: 'its import does not end',
    hint: 'does it await something at top level that never comes?',
  });
}

export function interruptedImport(module: string): QuotaLabError {
  return new QuotaLabError('client/interrupted', `interrupted while ${module} was imported`);
}
