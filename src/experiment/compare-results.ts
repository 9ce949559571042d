import { isRepeatable } from '../analysis/run/repeatable.ts';
import { type CompareOptions, type Comparison, compare } from '../comparison/compare.ts';
import { diffRuns, type FirstDifference } from '../comparison/first-difference.ts';
import { createMeasurement, mergeMeasurements } from '../comparison/measurement.ts';
import type { ResultSource } from './read-result.ts';
import type { FinishedRun } from './run-once.ts';

/** A comparison of two results, and where their runs diverge. */
export interface ComparedResults {
  readonly comparison: Comparison;
  /** Undefined for equal runs, runs that are not repeatable, and results without a journal. */
  readonly first: FirstDifference | undefined;
}

/** Compares two results. Throws what `compare` and reading a journal throw. */
export async function compareResults(
  base: ResultSource,
  candidate: ResultSource,
  options: CompareOptions,
): Promise<ComparedResults> {
  const comparison = compare(base.measurement, candidate.measurement, options);
  return { comparison, first: await findFirstDifference(comparison, base, candidate) };
}

/** Returns the runs of one scenario as a result. */
export function resultOf(runs: readonly FinishedRun[]): ResultSource {
  const measured = runs.map(({ run, analysis }) => createMeasurement(run, analysis));
  return {
    measurement: mergeMeasurements(measured, 'these runs'),
    runOf: (seed) => Promise.resolve(runs.find((finished) => finished.seed === seed)?.run),
  };
}

/** Returns the first difference between runs of a common seed; only repeatable (virtual) runs are compared. */
async function findFirstDifference(
  { time, base, candidate }: Comparison,
  before: ResultSource,
  after: ResultSource,
): Promise<FirstDifference | undefined> {
  if (!isRepeatable(time)) return undefined;
  for (const seed of base.seeds.filter((one) => candidate.seeds.includes(one))) {
    const [one, other] = [await before.runOf(seed), await after.runOf(seed)];
    const found = one && other && diffRuns(one, other);
    if (found) return found;
  }
  return undefined;
}
