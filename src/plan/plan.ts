import { QuotaLabError } from '../../mock-server/error.ts';
import { type LoadOptions, loadScenario, readWritten } from '../scenario/load-scenario.ts';
import { meantName } from '../scenario/meant-name.ts';
import { namedValueAt } from '../scenario/overrides.ts';
import { parsePath } from '../scenario/path.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Bound, boundsOf } from './bound.ts';
import { type Edge, type EdgeSearch, findEdge } from './find-edge.ts';
import { type Knob, knobOf, knobsIn, loadKnobPath, written } from './knob.ts';
import type { Measured } from './measured.ts';
import type { ModelTask } from './model-worker.ts';

export interface PlanOptions {
  readonly file: string;
  readonly overrides: Readonly<Record<string, string>>;
  readonly check: NonNullable<LoadOptions['check']>;
  /** The number to turn, by its path; the load's own where it is left out. */
  readonly path?: string;
  /** Nothing above is tried. */
  readonly most?: number;
  readonly seeds: number;
  readonly measure: (task: ModelTask) => Promise<Measured>;
}

/** Every seed's run at one value. */
export interface PlanPoint {
  readonly value: number;
  readonly runs: readonly Measured[];
}

/** How much load fits. */
export interface Plan {
  readonly scenario: Scenario;
  readonly knob: Knob;
  readonly edge: Edge;
  readonly seeds: number;
  /** At the largest value that holds, and at the next that does not; what there is of them. */
  readonly at?: PlanPoint;
  readonly beyond?: PlanPoint;
  /** What arithmetic says of the load, tightest first; nothing where another number is turned. */
  readonly bounds: readonly Bound[];
  /** Values around the edge, ascending. */
  readonly curve: readonly PlanPoint[];
}

/** How many times up, and down, of what it is a search goes. */
const REACH_UP = 2 ** 16;
const REACH_DOWN = 2 ** 10;
const PRECISION = 0.005;
/** Where the curve is looked at, as shares of the edge, with so many seeds. */
const CURVE = [0.25, 0.5, 0.7, 0.85, 0.95, 1, 1.05, 1.15, 1.3, 1.6, 2];
const CURVE_SEEDS = 3;

/**
 * Finds the largest value of one number of a scenario at which all its thresholds and error verdicts hold, on its model,
 * over several seeds. Throws what `loadScenario` throws, and `plan/no-number` where there is none to turn.
 */
export async function plan(options: PlanOptions): Promise<Plan> {
  const { file, overrides, seeds, measure, check } = options;
  const scenario = await loadScenario(file, { overrides, check });
  const knob = await knobIn(options, scenario);
  const at = (value: number, count: number): Promise<Measured[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        measure({ file, overrides: { ...overrides, [knob.path]: written(knob, value) }, seed: scenario.seed + index }),
      ),
    );
  const search = await searchOf(options, knob);
  const edge = await findEdge(async (value, sure) => {
    const [first] = await at(value, 1);
    return first!.ok && (!sure || (await at(value, seeds)).every(({ ok }) => ok));
  }, search);
  const point = async (value: number | undefined, count: number): Promise<PlanPoint | undefined> =>
    value === undefined ? undefined : { value, runs: await at(value, count) };
  const values = curveValues(edge, search);
  const curve = await Promise.all(values.map((value) => point(value, Math.min(seeds, CURVE_SEEDS))));
  const holds = await point(edge.kind === 'edge' ? edge.holds : edge.kind === 'always' ? edge.upTo : undefined, seeds);
  const beyond = await point(
    edge.kind === 'edge' ? edge.fails : edge.kind === 'never' ? edge.downTo : undefined,
    seeds,
  );
  return {
    scenario,
    knob,
    edge,
    seeds,
    ...(holds && { at: holds }),
    ...(beyond && { beyond }),
    bounds: knob.path === loadKnobPath(scenario.load) ? boundsOf(scenario, curve[0]!.runs[0]!) : [],
    curve: curve as PlanPoint[],
  };
}

/** The number to turn. */
async function knobIn({ file, overrides, path }: PlanOptions, { load }: Scenario): Promise<Knob> {
  const asked = path ?? loadKnobPath(load);
  if (asked === undefined) {
    throw noNumber('the load has several executors or stages: say which number is to be turned');
  }
  const document = await readWritten(file, overrides);
  const value = namedValueAt(document, parsePath(asked));
  const knob = knobOf(asked, value);
  if (knob) return knob;
  const message =
    value === undefined ? `there is nothing at ${asked}` : `${asked} is ${JSON.stringify(value)}, no number`;
  const numbers = knobsIn(document).map((one) => one.path);
  throw noNumber(`${message}; there are ${numbers.join(', ')}`, meantName(asked, numbers).hint);
}

function noNumber(message: string, hint = '--vary load[0].rate, or --set it to a number first'): QuotaLabError {
  return new QuotaLabError('plan/no-number', message, { problems: [{ path: '--vary', message, hint }] });
}

/** Whether fractions are allowed is asked of the scenario itself. */
async function searchOf({ file, overrides, most }: PlanOptions, knob: Knob): Promise<EdgeSearch> {
  const fraction = { ...overrides, [knob.path]: written(knob, Math.floor(knob.value) + 0.5) };
  const whole = await loadScenario(file, { overrides: fraction }).then(
    () => false,
    () => true,
  );
  const start = knob.value > 0 ? knob.value : 1;
  const least = whole ? 1 : start / REACH_DOWN;
  return {
    start: Math.min(start, most ?? Infinity),
    least,
    most: most ?? start * REACH_UP,
    whole,
    precision: PRECISION,
  };
}

function curveValues(edge: Edge, { whole, least, most }: EdgeSearch): number[] {
  const centre = edge.kind === 'edge' ? edge.holds : edge.kind === 'always' ? edge.upTo : edge.downTo * 4;
  const values = CURVE.map((share) => share * centre).map((value) =>
    whole ? Math.round(value) : Number(value.toPrecision(3)),
  );
  const beyond = edge.kind === 'edge' ? [edge.holds, edge.fails] : [];
  const kept = [...values, ...beyond].filter((value) => value >= least && value <= most);
  return [...new Set(kept)].sort((a, b) => a - b);
}
