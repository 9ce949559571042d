import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Piscina } from 'piscina';
import type { Measured } from './measured.ts';
import type { ModelTask } from './model-worker.ts';

/** Runs models in parallel on every core. */
export interface ModelPool {
  /** Returns the figures of one run. Equal tasks run once. */
  measure(task: ModelTask): Promise<Measured>;
  close(): Promise<void>;
}

export function createModelPool(): ModelPool {
  const pool = new Piscina({
    filename: new URL(`./model-worker${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 1,
    maxThreads: availableParallelism(),
  });
  const known = new Map<string, Promise<Measured>>();
  return {
    measure(task) {
      const key = JSON.stringify([task.overrides, task.seed]);
      const measured = known.get(key) ?? (pool.run(task) as Promise<Measured>);
      known.set(key, measured);
      return measured;
    },
    close: () => pool.destroy(),
  };
}
