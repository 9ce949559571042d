import { isAdmitted, isRejected } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { type CallLedger, type HintedUntil, hintedByRetryAfter, keepLedger } from './call-ledger.ts';
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
  /** What of its waits it was told. */
  readonly hintedUntil: HintedUntil;
}

/** The calls that wanted quota, as they were told to wait by Retry-After. */
export const findWants = memoizeByRun((run): readonly Want[] => collectWants(run, hintedByRetryAfter));

/**
 * Returns the calls that wanted quota, in order of `fromUs`. A call whose last attempt failed otherwise than by a refusal is not
 * among them unless it was answered later: what it waited for was the server.
 */
export function collectWants(run: Run, hintedUntil: HintedUntil): Want[] {
  const needsOf = findNeeds(run);
  return run.calls
    .flatMap((call): Want[] => {
      const served = call.attempts.find(isAdmitted);
      const last = call.attempts.at(-1);
      if (!served && last && !isRejected(last)) return [];
      const { needs } = needsOf(call);
      if (needs.length === 0) return [];
      const untilUs = served?.startUs ?? call.endUs;
      const fromUs = Math.max(freeFromUs(keepLedger(call, hintedUntil), call, untilUs), startedUs(run, call));
      return [{ call, needs, served, fromUs, untilUs, hintedUntil }];
    })
    .sort((a, b) => a.fromUs - b.fromUs);
}

/**
 * When the program of a call ran, as far as is known: the start of a process is no decision of the client, and long where clocks
 * run faster.
 */
function startedUs({ header, attempts }: Run, call: Call): number {
  const { code } = header.scenario.client;
  if (code.kind !== 'command') return 0;
  const first = code.protocol === 'worker' ? attempts[0] : call.attempts[0];
  return Math.min(first?.startUs ?? 0, call.endUs);
}

/** The end of the last wait before `untilUs` that was not the client's own, or the start of the call. */
function freeFromUs({ spans }: CallLedger, call: Call, untilUs: number): number {
  let fromUs = call.startUs;
  for (const { entry, attempt, startUs, endUs } of spans) {
    if (startUs >= untilUs) break;
    // The wait after a failure is the server's doing, whoever chose its length.
    if (entry === 'told' || (attempt && !isRejected(attempt))) fromUs = endUs;
  }
  return Math.min(Math.max(fromUs, call.startUs), untilUs);
}
