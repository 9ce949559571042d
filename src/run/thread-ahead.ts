import type { Worker } from 'node:worker_threads';
import { startThread } from '../client/worker-thread.ts';

/** The thread that the next run gets. Each is used once, so that no run finds what another has left in it. */
let ahead: Worker | undefined;

/**
 * A thread of `virtual-worker.ts` that waits to be told what to run. `oneAhead` starts another for whoever comes next:
 * what all runs import is then there already, which is more than half of a short run.
 */
export function takeThread(oneAhead: boolean): Worker {
  const worker = ahead ?? startVirtual();
  worker.off('error', forget).off('exit', forget).ref();
  ahead = oneAhead ? startVirtual() : undefined;
  // It keeps no process from ending, and one that goes by itself is not taken.
  ahead?.on('error', forget).on('exit', forget).unref();
  return worker;
}

function startVirtual(): Worker {
  return startThread({ file: new URL('./virtual-worker', import.meta.url) });
}

function forget(): void {
  ahead = undefined;
}
