import { FIGURES, type Figure } from '../../../src/analysis/metrics/figures.ts';
import { type Allowances, parseAllowances } from '../../../src/comparison/allowance.ts';
import { extractConditions } from '../../../src/comparison/conditions.ts';
import type { MeasuredVerdict, Measurement } from '../../../src/comparison/measurement.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { header } from '../analysis/strip.ts';

export const FIVE_PERCENT: Allowances = parseAllowances('5%', []);

interface MeasuredParts {
  readonly seeds?: readonly number[];
  /** Values per seed; `calls` defaults to 100. */
  readonly figures?: Readonly<Record<string, readonly (number | null)[]>>;
  readonly thresholds?: Measurement['thresholds'];
  readonly verdicts?: Readonly<Record<string, MeasuredVerdict>>;
  readonly partial?: readonly string[];
  readonly time?: Scenario['time'];
  readonly scenario?: Partial<Scenario>;
  readonly node?: string;
  readonly tool?: string;
}

/** Creates a measurement from the given parts. Seeds default to 1, 2, …, time to virtual. */
export function createTestMeasurement({
  figures = {},
  time = 'virtual',
  scenario,
  ...rest
}: MeasuredParts): Measurement {
  const count = Object.values(figures)[0]?.length ?? 1;
  const seeds = rest.seeds ?? Array.from({ length: count }, (_, index) => index + 1);
  return {
    tool: rest.tool ?? 'quotalab test',
    ...(rest.node !== undefined && { node: rest.node }),
    conditions: extractConditions(header(undefined, { time, ...scenario })),
    seeds,
    figures: { calls: seeds.map(() => 100), ...figures },
    thresholds: rest.thresholds ?? {},
    verdicts: rest.verdicts ?? {},
    ...(rest.partial && { partial: rest.partial }),
  };
}

export const figure = (name: string): Figure => FIGURES.find((known) => known.name === name)!;

/** Returns the code of the thrown error and every problem as `path: message`. */
export function problemsOf(run: () => unknown): { code: string; problems: string[] } {
  try {
    run();
  } catch (error) {
    const { code, problems } = error as { code: string; problems: { path: string; message: string }[] };
    return { code, problems: problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)) };
  }
  return { code: 'none', problems: [] };
}
