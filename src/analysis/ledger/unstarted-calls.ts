import { planByVu } from '../../load/executors.ts';
import type { LoadPlan } from '../../load/plan.ts';
import { meanCycleUs, type WaitTime } from '../../load/wait.ts';
import type { Run } from '../run/run-view.ts';
import type { LateCall } from './late-calls.ts';

/**
 * Counts the calls that callers of a closed load did not start, since each makes one call after the other, and calls of theirs were
 * held in the client: those that they could have made in the time for which these were late. Callers whose calls are numbered make
 * no more of them for having waited less.
 */
export function countUnstarted({ header }: Run, late: readonly LateCall[]): number {
  const planOfVu = planByVu(header.scenario.load);
  return late.reduce((sum, one) => {
    const wait = endlessWait(planOfVu(one.want.call.vu));
    return wait === undefined ? sum : sum + callsIn(one, wait);
  }, 0);
}

/** How the callers of a load rest between calls; undefined if what they call does not depend on how long calls take. */
function endlessWait(plan: LoadPlan | undefined): WaitTime | undefined {
  const endless = plan?.kind === 'closed' && plan.perVuIterations === undefined && plan.sharedIterations === undefined;
  return endless ? plan.wait : undefined;
}

/** How many more calls like this one its caller could have made in the time for which it was held. */
function callsIn({ want, heldUs }: LateCall, wait: WaitTime): number {
  const { startUs, endUs } = want.call;
  const cycleUs = meanCycleUs(wait, endUs - startUs);
  const leastUs = meanCycleUs(wait, Math.max(1, endUs - startUs - heldUs));
  return (cycleUs - leastUs) / leastUs;
}
