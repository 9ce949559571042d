import type { Call, Run } from './run-view.ts';

/**
 * Returns whether a call was cut by the end of its replica (a deploy, a crash, fewer replicas): it is open, and the run went on.
 * Nothing that the client would have done with it is known.
 */
export function isCut({ result, replica, endUs }: Pick<Call, 'result' | 'replica' | 'endUs'>, run: Run): boolean {
  return result === 'open' && replica !== undefined && endUs < run.endUs;
}

/** Returns the calls of a run that no restart cut. */
export function uncutCalls(run: Run): readonly Call[] {
  return run.replicas.length === 0 ? run.calls : run.calls.filter((call) => !isCut(call, run));
}
