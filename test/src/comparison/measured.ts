import { FIGURES, type Figure } from '../../../src/analysis/metrics/figures.ts';
import { type Allowances, readAllowances } from '../../../src/comparison/allowance.ts';
import { conditionsOf } from '../../../src/comparison/conditions.ts';
import type { MeasuredVerdict, Measurement } from '../../../src/comparison/measurement.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { header } from '../analysis/strip.ts';

export const FIVE_PERCENT: Allowances = readAllowances('5%', []);

interface Measured {
  readonly seeds?: readonly number[];
  /** Of each seed; the calls are a hundred where nothing else is said. */
  readonly figures?: Readonly<Record<string, readonly (number | null)[]>>;
  readonly thresholds?: Measurement['thresholds'];
  readonly verdicts?: Readonly<Record<string, MeasuredVerdict>>;
  readonly partial?: readonly string[];
  readonly time?: Scenario['time'];
  readonly scenario?: Partial<Scenario>;
  readonly node?: string;
  readonly tool?: string;
}

/** A measurement of which only what matters is said. Seeds are 1, 2, … and time is virtual where nothing else is said. */
export function measured({ figures = {}, time = 'virtual', scenario, ...said }: Measured): Measurement {
  const count = Object.values(figures)[0]?.length ?? 1;
  const seeds = said.seeds ?? Array.from({ length: count }, (_, index) => index + 1);
  return {
    tool: said.tool ?? 'quotalab test',
    ...(said.node !== undefined && { node: said.node }),
    conditions: conditionsOf(header(undefined, { time, ...scenario })),
    seeds,
    figures: { calls: seeds.map(() => 100), ...figures },
    thresholds: said.thresholds ?? {},
    verdicts: said.verdicts ?? {},
    ...(said.partial && { partial: said.partial }),
  };
}

export const figure = (name: string): Figure => FIGURES.find((one) => one.name === name)!;

/** What is refused: the code, and every problem as `path: message`. */
export function problemsOf(ask: () => unknown): { code: string; problems: string[] } {
  try {
    ask();
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { path: string; message: string }[] };
    return { code, problems: problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)) };
  }
  return { code: 'none', problems: [] };
}
