import { formatDuration } from '../../mock-server/duration.ts';
import { constantArrivalRate } from './constant-arrival-rate.ts';
import { constantVus } from './constant-vus.ts';
import { perVuIterations } from './per-vu-iterations.ts';
import type { LoadPlan, Timing } from './plan.ts';
import { rampingArrivalRate } from './ramping-arrival-rate.ts';
import { rampingVus } from './ramping-vus.ts';
import { sharedIterations } from './shared-iterations.ts';
import { trace } from './trace.ts';

/** All executors, those of k6 with its names and semantics. */
export const EXECUTORS = {
  'constant-vus': constantVus,
  'ramping-vus': rampingVus,
  'per-vu-iterations': perVuIterations,
  'shared-iterations': sharedIterations,
  'constant-arrival-rate': constantArrivalRate,
  'ramping-arrival-rate': rampingArrivalRate,
  trace,
} satisfies { readonly [Name in string]: { readonly name: Name } };

type Executors = typeof EXECUTORS;

/** The settings of the executor with this name. Times are microseconds; rates are arrivals per second. */
export type ExecutorOf<Name extends keyof Executors> = {
  readonly [Each in Name]: Readonly<{ executor: Each } & ReturnType<Executors[Each]['resolve']>> & Timing;
}[Name];

/** One load of a scenario: its executor with its settings. */
export type Executor = ExecutorOf<keyof Executors>;

/** Returns the definition of an executor, typed to accept any executor: TypeScript cannot match names with settings. */
function definitionOf({ executor }: Pick<Executor, 'executor'>): {
  plan(load: Executor): LoadPlan;
  describe(load: Executor): string;
  readonly parameter: string | undefined;
} {
  return EXECUTORS[executor] as never;
}

/** Returns the schedule of an executor. VUs are numbered from 1 in each plan; the driver of several plans offsets them. */
export function planOf(executor: Executor): LoadPlan {
  return definitionOf(executor).plan(executor);
}

/** Describes an executor in one line, e.g. `20 VUs for 30s, resting 200ms–500ms`, prefixed by its name. */
export function describeLoad(executor: Executor): string {
  const start = executor.startUs > 0 ? `, from ${formatDuration(executor.startUs)} on` : '';
  const name = executor.name === undefined ? '' : `${executor.name}: `;
  return name + definitionOf(executor).describe(executor) + start;
}

/** Returns a lookup from VU to the name of its load, empty if unnamed. VUs are numbered across all loads of a run. */
export function loadNameByVu(load: readonly Executor[]): (vu: number) => string {
  const find = findByVu(load);
  return (vu) => find(vu)?.executor.name ?? '';
}

/** Returns a lookup from VU to the name of the client that its load names. */
export function clientByVu(load: readonly Executor[]): (vu: number) => string | undefined {
  const find = findByVu(load);
  return (vu) => find(vu)?.executor.client;
}

/** Returns a lookup from VU to the plan of its load; undefined for a VU of none. */
export function planByVu(load: readonly Executor[]): (vu: number) => LoadPlan | undefined {
  const find = findByVu(load);
  return (vu) => find(vu)?.plan;
}

interface PlannedLoad {
  readonly executor: Executor;
  readonly plan: LoadPlan;
  readonly lastVu: number;
}

function findByVu(load: readonly Executor[]): (vu: number) => PlannedLoad | undefined {
  let lastVu = 0;
  const planned = load.map((executor): PlannedLoad => {
    const plan = planOf(executor);
    lastVu += plan.maxVus;
    return { executor, plan, lastVu };
  });
  return (vu) => planned.find(({ lastVu: last }) => vu <= last);
}

/**
 * Returns the path of the number that scales a load: VUs, or the arrival rate. Undefined if the load has several executors or
 * stages, where the choice is ambiguous.
 */
export function loadParameterPath(load: readonly Executor[]): string | undefined {
  const [only, ...others] = load;
  const parameter = only && others.length === 0 ? definitionOf(only).parameter : undefined;
  return parameter && `load[0].${parameter}`;
}
