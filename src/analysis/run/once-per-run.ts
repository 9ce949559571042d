import type { Run } from './run-view.ts';

/** Several verdicts ask the same of the same run: it is computed for the first, and kept as long as the run is. */
export function oncePerRun<Found extends object>(compute: (run: Run) => Found): (run: Run) => Found {
  const found = new WeakMap<Run, Found>();
  return (run) => {
    const known = found.get(run) ?? compute(run);
    found.set(run, known);
    return known;
  };
}
