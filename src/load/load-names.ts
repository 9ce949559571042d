import type { Executor } from './executor.ts';
import { planOf } from './plan-of.ts';

/** The name of the load that a VU belongs to, empty where it has none: VUs are numbered through all loads of a run. */
export function loadNames(load: readonly Executor[]): (vu: number) => string {
  let lastVu = 0;
  const named = load.map((executor) => {
    lastVu += planOf(executor).maxVus;
    return { lastVu, name: executor.name ?? '' };
  });
  return (vu) => named.find((one) => vu <= one.lastVu)?.name ?? '';
}
