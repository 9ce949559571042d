import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import type { Executor, ExecutorOf } from './executor.ts';
import { perVuIterations } from './per-vu-iterations.ts';
import type { LoadPlan } from './plan.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';
import { rampingVus } from './ramping-vus.ts';
import { sharedIterations } from './shared-iterations.ts';

const EXECUTORS: { readonly [Name in Executor['executor']]: (executor: ExecutorOf<Name>) => LoadPlan } = {
  'constant-vus': constantVus,
  'ramping-vus': rampingVus,
  'per-vu-iterations': perVuIterations,
  'shared-iterations': sharedIterations,
  'constant-arrival-rate': constantArrivalRate,
  'ramping-arrival-rate': rampingArrivalRate,
};

/** Returns the schedule of an executor. VUs are numbered from 1 in each plan; the driver of several plans offsets them. */
export function planOf(executor: Executor): LoadPlan {
  return (EXECUTORS[executor.executor] as (executor: Executor) => LoadPlan)(executor);
}
