import type { Executor } from './executor.ts';
import { planOf } from './plan-of.ts';

/** Returns a lookup from VU to the name of its load, empty if unnamed. VUs are numbered across all loads of a run. */
export function loadNameByVu(load: readonly Executor[]): (vu: number) => string {
  let lastVu = 0;
  const named = load.map((executor) => {
    lastVu += planOf(executor).maxVus;
    return { lastVu, name: executor.name ?? '' };
  });
  return (vu) => named.find(({ lastVu: last }) => vu <= last)?.name ?? '';
}
