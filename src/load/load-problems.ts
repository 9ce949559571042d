import type { Executor } from './executors.ts';
import { MAX_CALLS } from './load-limits.ts';
import type { Stage } from './plan.ts';

/** A load that cannot run, blamed on one of its keys. */
interface LoadProblem {
  readonly key: string;
  readonly message: string;
}

/** Finds what makes a load impossible although each of its settings is right: no time at all, or more calls than a run can hold. */
export function findLoadProblems(load: Executor): LoadProblem[] {
  if ('stages' in load && load.stages.every(({ durationUs }) => durationUs === 0)) {
    return [{ key: 'stages', message: 'must last longer than 0s: the load has no time to start a call' }];
  }
  if (load.executor === 'trace' && load.untilUs !== undefined && load.untilUs <= load.fromUs) {
    return [{ key: 'to', message: 'must be after from: the window has no arrival' }];
  }
  const planned = plannedCalls(load);
  if (planned === undefined || planned.count <= MAX_CALLS) return [];
  const [count, most] = [Math.round(planned.count), MAX_CALLS].map((calls) => calls.toLocaleString('en-US'));
  return [{ key: planned.key, message: `plans ${count} calls; a run has at most ${most}` }];
}

/** The calls that a load is sure to plan; undefined if their number depends on how long they take. */
function plannedCalls(load: Executor): { readonly key: string; readonly count: number } | undefined {
  switch (load.executor) {
    case 'constant-vus':
    case 'ramping-vus':
      return undefined;
    case 'per-vu-iterations':
      return { key: 'iterations', count: load.vus * load.iterations };
    case 'shared-iterations':
      return { key: 'iterations', count: load.iterations };
    case 'constant-arrival-rate':
      return { key: 'rate', count: (load.ratePerSecond * load.durationUs) / 1e6 };
    case 'trace':
      return load.rows === undefined ? undefined : { key: 'scale', count: load.rows * load.scale * load.loop };
    case 'ramping-arrival-rate':
      return { key: 'stages', count: plannedArrivals(load.startRatePerSecond, load.stages) };
  }
}

function plannedArrivals(startRate: number, stages: readonly Stage[]): number {
  return stages.reduce((count, { durationUs, target }, index) => {
    const from = stages[index - 1]?.target ?? startRate;
    return count + (((from + target) / 2) * durationUs) / 1e6;
  }, 0);
}
