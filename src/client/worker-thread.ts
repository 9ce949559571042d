import { getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { QuotaLabError } from '../../mock-server/error.ts';
import { clientError } from './client-module.ts';

/** Node's exit code for a thread that goes idle with an unsettled top-level await. */
const UNSETTLED_AWAIT = 13;

export interface ThreadOptions {
  /** The worker's file without its extension; the caller's extension is added. */
  readonly file: URL;
  readonly data?: unknown;
  /** Overrides of the process's environment, set before anything is imported. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * V8 recompiles the wrappers of JavaScript functions called from WebAssembly after this many calls and frees the old code. If
 * several threads do so at once (each has undici's parser), the process may crash: "Check failed: jit_page.has_value()",
 * nodejs/node#64500. The optimisation is not needed here.
 */
const NO_WRAPPER_TIERING = '--wasm-wrapper-tiering-budget=1000000000';

/**
 * V8 grows the space of new objects from 1 MiB, collecting it at each step. Importing an SDK takes seven steps, which are a
 * sixth of the time of a short run; so threads start with the space that they would get in the end.
 */
const FULL_NEW_SPACE = '--min-semi-space-size=16';

/** Starts a worker thread for the client's code. */
export function startThread({ file, data, env = {} }: ThreadOptions): Worker {
  for (const flag of [NO_WRAPPER_TIERING, FULL_NEW_SPACE]) setFlagsFromString(flag);
  // `.ts` in a checkout, `.js` in the package.
  return new Worker(new URL(`${file.href}${extname(import.meta.url)}`), {
    workerData: data,
    env: { ...process.env, ...compileCache(), ...env },
    stdout: true,
    stderr: true,
  });
}

/**
 * A thread does not inherit the compile cache of its process (`module.enableCompileCache`), only this variable; without one, it
 * has Node's usual folder. Compiling imports takes most of the time of a short run.
 */
function compileCache(): Readonly<Record<string, string>> {
  const folder = getCompileCacheDir();
  // Node reports its own folder inside the one that is named.
  return { NODE_COMPILE_CACHE: folder === undefined ? join(tmpdir(), 'node-compile-cache') : dirname(folder) };
}

/** Passes the client's output to `print`; it must not mix with the results on stdout. */
export function forwardOutput(worker: Worker, print: (text: string) => void): void {
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', print);
  }
}

/** Resolves with the reason when the worker ends. */
export function waitForThreadEnd(worker: Worker, module: string): Promise<QuotaLabError> {
  return new Promise((resolve) => {
    worker.on('error', (cause: Error) => {
      resolve(new QuotaLabError('client/crashed', `${module} threw outside any call: ${cause.message}`, { cause }));
    });
    worker.on('exit', (code) => {
      const exited = new QuotaLabError('client/exited', `${module} exited with code ${code}`);
      resolve(code === UNSETTLED_AWAIT ? neverReadyError(module) : exited);
    });
  });
}

export function neverReadyError(module: string): QuotaLabError {
  return clientError('client/never-ready', `the import of ${module} does not finish`, {
    message: 'the import does not finish',
    hint: 'look for a top-level await that never settles',
  });
}

export function importInterruptedError(module: string): QuotaLabError {
  return new QuotaLabError('client/interrupted', `interrupted while importing ${module}`);
}
