import { isAnswered, isRejected } from '../run/attempts.ts';
import { isCut } from '../run/cut-calls.ts';
import type { Call, Run } from '../run/run-view.ts';
import type { TimeRange } from '../run/time-ranges.ts';
import { createReader, findNeeds, findOversized } from './needs.ts';
import { createReplay } from './replay.ts';
import { createRoom } from './room.ts';
import { findFaultRanges } from './total-faults.ts';

/**
 * A call that ended without an answer, or that its client never let end. `refused`: right after a refusal. `failed in the
 * client`: without an attempt. `held`: open without an attempt. `never ended`: open long after its last attempt.
 */
export interface LostCall {
  readonly call: Call;
  readonly way: 'refused' | 'failed in the client' | 'held' | 'never ended';
  /** When the limits could have admitted it, in addition to all that they admitted; undefined if not within its patience. */
  readonly roomUs: number | undefined;
}

/**
 * Returns the calls that were lost, in order of their ends. A call that was open when the run ended is lost only if it was open
 * for longer than `patienceUs`, or if no call of the run ended at all. A call that failed in the client while every request
 * failed, or was larger than a limit, is not: failing it was right.
 */
export function findLostCalls(run: Run, patienceUs: number, toleranceUs: number): LostCall[] {
  const noneEnded = run.calls.every(({ result }) => result === 'open');
  const lost = run.calls
    .flatMap((call) => {
      const way = wayOf(call, noneEnded && !isCut(call, run) ? 0 : patienceUs, run);
      return way === undefined ? [] : [{ call, way }];
    })
    .sort((a, b) => a.call.endUs - b.call.endUs);
  if (lost.length === 0) return [];
  const replay = createReplay(run);
  const needsOf = findNeeds(run);
  const readNeeds = createReader(run);
  const roomOf = createRoom(run);
  const placeLost = (call: Call, way: LostCall['way']): number | undefined => {
    const last = call.attempts.at(-1);
    if (way === 'never ended') return last!.startUs;
    // A refusal by a fault has no needs: no limit shows when it would have let the call in.
    const needs = way === 'refused' ? readNeeds(last!) : needsOf(call).needs;
    if (findOversized(needs)) return undefined;
    // Without a limit there is always room.
    if (needs.length === 0) return way === 'refused' ? undefined : call.startUs;
    const isIdle = way !== 'held' || roomOf(needs).openUs(call.startUs, call.endUs) > toleranceUs;
    if (!isIdle) return undefined;
    const fromUs = way === 'held' ? call.startUs : (last?.endUs ?? call.endUs);
    return replay.place(needs, fromUs, call.startUs + patienceUs);
  };
  return lost.map(({ call, way }) => ({ call, way, roomUs: placeLost(call, way) }));
}

function wayOf(call: Call, patienceUs: number, run: Run): LostCall['way'] | undefined {
  const { result, attempts, startUs, endUs } = call;
  const last = attempts.at(-1);
  if (result === 'error') {
    if (last) return isRejected(last) ? 'refused' : undefined;
    return meetsFault(call, findFaultRanges(run)) ? undefined : 'failed in the client';
  }
  if (result !== 'open' || endUs - startUs < Math.max(1, patienceUs)) return undefined;
  if (!last) return 'held';
  return isAnswered(last) && endUs - last.endUs >= patienceUs ? 'never ended' : undefined;
}

const meetsFault = ({ endUs }: Call, faults: readonly TimeRange[]): boolean =>
  faults.some((fault) => fault.startUs <= endUs && endUs < fault.endUs);
