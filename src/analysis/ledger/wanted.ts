import { isAdmitted, isRejected } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Call } from '../run/run-view.ts';
import { keepLedger } from './call-ledger.ts';
import { findNeeds, type Need } from './needs.ts';

/** A call that wanted quota, for as long as nothing but the quota and the client kept it. */
export interface Want {
  readonly call: Call;
  readonly needs: readonly Need[];
  /** Its first admitted attempt; undefined if none was admitted. */
  readonly served: Attempt | undefined;
  /** From when the client was free to send it: after its start, its last failure, and what it was told to wait. */
  readonly fromUs: number;
  /** When it was admitted, or ended without admission; not before `fromUs`. */
  readonly untilUs: number;
}

/**
 * Returns the calls that wanted quota, in order of `fromUs`. A call whose last attempt failed otherwise than by a refusal is not
 * among them unless it was answered later: what it waited for was the server.
 */
export const findWants = memoizeByRun((run): readonly Want[] => {
  const needsOf = findNeeds(run);
  return run.calls
    .flatMap((call): Want[] => {
      const served = call.attempts.find(isAdmitted);
      const last = call.attempts.at(-1);
      if (!served && last && !isRejected(last)) return [];
      const { needs } = needsOf(call);
      const untilUs = served?.startUs ?? call.endUs;
      return needs.length === 0 ? [] : [{ call, needs, served, fromUs: freeFromUs(call, untilUs), untilUs }];
    })
    .sort((a, b) => a.fromUs - b.fromUs);
});

/** The end of the last wait before `untilUs` that was not the client's own, or the start of the call. */
function freeFromUs(call: Call, untilUs: number): number {
  let fromUs = call.startUs;
  const spans = keepLedger(call).spans;
  for (const { entry, attempt, startUs, endUs } of spans) {
    if (startUs >= untilUs) break;
    // The wait after a failure is the server's doing, whoever chose its length.
    if (entry === 'told' || (attempt && !isRejected(attempt))) fromUs = endUs;
  }
  return Math.min(Math.max(fromUs, call.startUs), untilUs);
}
