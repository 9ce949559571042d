import type { Run } from './run-view.ts';

/** Caches a computation per run, since several verdicts need the same result. Entries live as long as their run. */
export function memoizeByRun<Result extends object>(compute: (run: Run) => Result): (run: Run) => Result {
  const results = new WeakMap<Run, Result>();
  return (run) => {
    const result = results.get(run) ?? compute(run);
    results.set(run, result);
    return result;
  };
}
