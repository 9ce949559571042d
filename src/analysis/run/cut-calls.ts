import type { Call, Run } from './run-view.ts';

/**
 * Returns whether a call was cut by the end of its replica (a deploy, a crash, fewer replicas): it is open since the moment at which
 * its replica ended. Nothing that the client would have done with it is known.
 */
export function isCut({ result, replica, endUs }: Pick<Call, 'result' | 'replica' | 'endUs'>, run: Run): boolean {
  if (result !== 'open' || replica === undefined) return false;
  return run.replicas.some((one) => one.replica === replica && one.change === 'stop' && one.atUs === endUs);
}

/** Returns the calls of a run that no restart cut. */
export function uncutCalls(run: Run): readonly Call[] {
  return run.replicas.length === 0 ? run.calls : run.calls.filter((call) => !isCut(call, run));
}
