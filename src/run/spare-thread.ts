import type { Worker } from 'node:worker_threads';
import { startThread } from '../client/worker-thread.ts';

/** A started thread for the next run. Each thread is used once, so that runs share no state. */
let spare: Worker | undefined;

/**
 * Returns a thread of `virtual-worker.ts` that waits for its settings. `keepSpare` starts another for the next run, with the
 * common imports already loaded: loading them takes more than half of a short run.
 */
export function takeVirtualThread(keepSpare: boolean): Worker {
  const worker = spare ?? startVirtualThread();
  worker.off('error', discardSpare).off('exit', discardSpare).ref();
  spare = keepSpare ? startVirtualThread() : undefined;
  // Does not keep the process alive, and is discarded if it exits.
  spare?.on('error', discardSpare).on('exit', discardSpare).unref();
  return worker;
}

function startVirtualThread(): Worker {
  return startThread({ file: new URL('./virtual-worker', import.meta.url) });
}

function discardSpare(): void {
  spare = undefined;
}
