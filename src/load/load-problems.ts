import { formatDuration } from '../../mock-server/duration.ts';
import type { Executor } from './executors.ts';
import type { Stage } from './plan.ts';

/** A load that cannot run, blamed on one of its keys. */
interface LoadProblem {
  readonly key: string;
  readonly message: string;
}

/** Ten million calls are hours of work and gigabytes of journal. */
const MAX_CALLS = 10_000_000;
const MAX_DURATION_US = 366 * 86_400 * 1e6;

/** Finds what makes a load impossible: no time at all, more than a year, or more calls than a run can hold. */
export function findLoadProblems(load: Executor): LoadProblem[] {
  const { key, durationUs } = lengthOf(load);
  if (durationUs === 0) return [{ key, message: 'must be above 0s: the load has no time to start a call' }];
  const longest = `${formatDuration(MAX_DURATION_US)}, the maximum length of a load`;
  const tooLong = durationUs > MAX_DURATION_US ? [{ key, message: `must be at most ${longest}` }] : [];
  const late = [
    ...(load.startUs > MAX_DURATION_US ? [{ key: 'startTime', message: `must be at most ${longest}` }] : []),
    ...(load.gracefulStopUs > MAX_DURATION_US ? [{ key: 'gracefulStop', message: `must be at most ${longest}` }] : []),
  ];
  const planned = tooLong.length > 0 ? undefined : plannedCalls(load);
  if (planned === undefined || planned.count <= MAX_CALLS) return [...tooLong, ...late];
  const count = Math.round(planned.count).toLocaleString('en-US');
  return [
    ...late,
    { key: planned.key, message: `plans ${count} calls; a run has at most ${MAX_CALLS.toLocaleString('en-US')}` },
  ];
}

function lengthOf(load: Executor): { readonly key: string; readonly durationUs: number } {
  if ('stages' in load)
    return { key: 'stages', durationUs: load.stages.reduce((sum, stage) => sum + stage.durationUs, 0) };
  return 'maxDurationUs' in load
    ? { key: 'maxDuration', durationUs: load.maxDurationUs }
    : { key: 'duration', durationUs: load.durationUs };
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
