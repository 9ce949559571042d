import { QuotaLabError } from '../../mock-server/error.ts';
import { loadParameterPath } from '../load/executors.ts';
import { nearestPath } from '../scenario/known-paths.ts';
import { type LoadOptions, readRawScenario } from '../scenario/load-scenario.ts';
import { listOverrides, namedValueAt, type Overrides, replaceOverrides } from '../scenario/overrides.ts';
import { parsePath } from '../scenario/path.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { unknownName } from '../scenario/suggest-name.ts';
import { loadScenario } from '../traces/load-scenario.ts';
import { type Bound, computeBounds } from './bound.ts';
import { type Edge, type EdgeSearch, findEdge } from './find-edge.ts';
import type { Measured } from './measured.ts';
import type { ModelTask } from './model-worker.ts';
import { findParameters, formatParameter, type Parameter, parseParameter } from './parameter.ts';

export interface PlanOptions {
  readonly file: string;
  readonly overrides: Overrides;
  readonly check: NonNullable<LoadOptions['check']>;
  /** Path of the number to vary. Default: the VUs or the rate of the load. */
  readonly path?: string | undefined;
  /** Largest value to try. */
  readonly max?: number | undefined;
  readonly seeds: number;
  readonly measure: (task: ModelTask) => Promise<Measured>;
}

/** The runs of all seeds at one value. */
export interface PlanPoint {
  readonly value: number;
  readonly runs: readonly Measured[];
}

/** The result of a plan: how much load fits. */
export interface CapacityPlan {
  readonly scenario: Scenario;
  readonly parameter: Parameter;
  readonly edge: Edge;
  readonly seeds: number;
  /** The runs at the largest value at which every goal holds, if any. */
  readonly at: PlanPoint | undefined;
  /** The runs at the smallest value found to miss a goal, if any. */
  readonly beyond: PlanPoint | undefined;
  /** Arithmetic bounds on the load, tightest first; empty if another parameter is varied. */
  readonly bounds: readonly Bound[];
  /** Values around the edge, ascending. */
  readonly curve: readonly PlanPoint[];
}

/** Range of a search, as factors of the initial value. */
const MAX_FACTOR_UP = 2 ** 16;
const MAX_FACTOR_DOWN = 2 ** 10;
const PRECISION = 0.005;
/** Points of the curve, as shares of the edge. */
const CURVE_SHARES = [0.25, 0.5, 0.7, 0.85, 0.95, 1, 1.05, 1.15, 1.3, 1.6, 2];
const CURVE_SEEDS = 3;

/**
 * Finds the largest value of one parameter of a scenario at which all thresholds and verdicts of severity error hold, using
 * its model and several seeds. Throws what `loadScenario` throws, and `plan/no-number` if it has no number to vary.
 */
export async function plan(options: PlanOptions): Promise<CapacityPlan> {
  const { file, overrides, seeds, measure, check } = options;
  const scenario = await loadScenario(file, { overrides, check });
  const parameter = await findParameter(options, scenario);
  const at = (value: number, count: number): Promise<Measured[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        measure({
          file,
          overrides: replaceOverrides(overrides, { [parameter.path]: formatParameter(parameter, value) }),
          seed: scenario.seed + index,
        }),
      ),
    );
  const search = await createSearch(options, parameter);
  const edge = await findEdge(async (value, sure) => {
    const [first] = await at(value, 1);
    return first!.ok && (!sure || (await at(value, seeds)).every(({ ok }) => ok));
  }, search);
  const point = async (value: number | undefined, count: number): Promise<PlanPoint | undefined> =>
    value === undefined ? undefined : { value, runs: await at(value, count) };
  const holds = await point(edge.kind === 'edge' ? edge.holds : edge.kind === 'always' ? edge.upTo : undefined, seeds);
  const beyond = await point(
    edge.kind === 'edge' ? edge.fails : edge.kind === 'never' ? edge.downTo : undefined,
    seeds,
  );
  // The same runs as in the sentence about the edge: two figures for one value would contradict each other.
  const curve = await Promise.all(
    curveValues(edge, search).map(
      (value) => [holds, beyond].find((known) => known?.value === value) ?? point(value, Math.min(seeds, CURVE_SEEDS)),
    ),
  );
  return {
    scenario,
    parameter,
    edge,
    seeds,
    at: holds,
    beyond,
    bounds: parameter.path === loadParameterPath(scenario.load) ? computeBounds(scenario, curve[0]!.runs[0]!) : [],
    curve: curve as PlanPoint[],
  };
}

async function findParameter({ file, overrides, path }: PlanOptions, { load }: Scenario): Promise<Parameter> {
  const parameterPath = path ?? loadParameterPath(load);
  if (parameterPath === undefined) {
    throw noNumberError({ message: 'the load has several executors or stages: choose the number to vary' });
  }
  const document = await readRawScenario(file, overrides);
  const value = namedValueAt(document, parsePath(parameterPath)) ?? unwrittenValue(parameterPath, load);
  const parameter = parseParameter(parameterPath, value);
  if (parameter) return parameter;
  const message =
    value === undefined
      ? `${parameterPath} does not exist`
      : `${parameterPath} is ${JSON.stringify(value)}, not a number`;
  const numbers = findParameters(document).map((found) => found.path);
  const known = nearestPath(document, parameterPath);
  const meant = known === undefined || known === parameterPath ? {} : { hint: `did you mean ${known}?` };
  throw noNumberError({
    ...meant,
    ...unknownName(message, parameterPath, { allowed: numbers, list: 'numbers in the scenario:' }),
  });
}

/** The number that a setting stands for where the scenario leaves it out: a trace is played once as it is. */
function unwrittenValue(path: string, load: Scenario['load']): number | undefined {
  const scale = load.findIndex((executor, index) => executor.executor === 'trace' && path === `load[${index}].scale`);
  return scale < 0 ? undefined : 1;
}

function noNumberError(problem: { readonly message: string; readonly hint?: string }): QuotaLabError {
  const hinted = { hint: '--vary load[0].rate, or --set it to a number first', ...problem };
  return new QuotaLabError('plan/no-number', problem.message, { problems: [{ path: '--vary', ...hinted }] });
}

/** Creates the search. Fractions are allowed if the scenario loads with one. Throws `scenario/invalid` if `max` is too large. */
async function createSearch({ file, overrides, max }: PlanOptions, parameter: Parameter): Promise<EdgeSearch> {
  const load = (value: number, flag?: string): Promise<Scenario> => {
    const change = {
      path: parameter.path,
      value: formatParameter(parameter, value),
      ...(flag !== undefined && { flag }),
    };
    const kept = listOverrides(overrides).filter(({ path }) => path !== parameter.path);
    return loadScenario(file, { overrides: [...kept, change] });
  };
  const loads = (value: number): Promise<boolean> =>
    load(value).then(
      () => true,
      () => false,
    );
  const whole = !(await loads(Math.floor(parameter.value) + 0.5));
  const start = parameter.value > 0 ? parameter.value : 1;
  let largest = start * MAX_FACTOR_UP;
  while (max === undefined && largest > start && !(await loads(largest))) largest = Math.max(start, largest / 2);
  if (max !== undefined) {
    largest = whole ? Math.max(1, Math.floor(max)) : max;
    await load(largest, '--most');
  }
  return {
    start: Math.min(start, largest),
    min: whole ? 1 : start / MAX_FACTOR_DOWN,
    max: largest,
    whole,
    precision: PRECISION,
  };
}

function curveValues(edge: Edge, { whole, min, max }: EdgeSearch): number[] {
  const centre = edge.kind === 'edge' ? edge.holds : edge.kind === 'always' ? edge.upTo : edge.downTo * 4;
  const values = CURVE_SHARES.map((share) => share * centre).map((value) =>
    whole ? Math.round(value) : Number(value.toPrecision(3)),
  );
  const beyond = edge.kind === 'edge' ? [edge.holds, edge.fails] : [];
  const kept = [...values, ...beyond].filter((value) => value >= min && value <= max);
  return [...new Set(kept)].sort((a, b) => a - b);
}
