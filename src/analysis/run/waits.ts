import { type EndingKind, endingOf, waitBeforeUs } from './attempts.ts';
import { memoizeByRun } from './memoize-by-run.ts';
import type { Attempt, Call } from './run-view.ts';

/** What a wait came after, as verdicts name it: "after refusals". Broken connections before a reply and in it differ. */
const CAUSES = {
  refused: 'refusals',
  spent: 'a spent quota',
  overloaded: 'overload',
  failed: 'server errors',
  rejected: 'rejections',
  broken: 'broken connections',
  unreadable: 'unreadable replies',
  abandoned: 'timeouts',
} as const satisfies Readonly<Partial<Record<EndingKind, string>>>;

export type WaitCause = (typeof CAUSES)[keyof typeof CAUSES] | 'broken replies';

/** A wait of a client between an attempt that was not answered and the next attempt of the same call. */
export interface Wait {
  readonly call: Call;
  readonly before: Attempt;
  readonly next: Attempt;
  /** 0 for the first retry. */
  readonly retry: number;
  /** From when the client could know how the attempt ended; negative if it did not wait for that. */
  readonly gapUs: number;
  readonly cause: WaitCause;
}

/**
 * Returns every wait after an attempt that was not answered, in order of call and attempt. A request that goes to another provider
 * next follows no wait.
 */
export const findWaits = memoizeByRun((run): readonly Wait[] => {
  const waits: Wait[] = [];
  for (const call of run.calls) {
    const { attempts } = call;
    for (const [index, before] of attempts.slice(0, -1).entries()) {
      const next = attempts[index + 1]!;
      if (next.provider !== before.provider) continue;
      const retry = attempts.slice(0, index).filter(({ provider }) => provider === before.provider).length;
      const cause = causeOf(before);
      // A client that gives up an attempt after it sent the next one hedges, and does not wait.
      if (cause === undefined || (cause === 'timeouts' && next.startUs < before.endUs)) continue;
      waits.push({ call, before, next, retry, gapUs: waitBeforeUs(before, next), cause });
    }
  }
  return waits;
});

function causeOf(attempt: Attempt): WaitCause | undefined {
  const { kind, place } = endingOf(attempt);
  if (kind === 'answered' || kind === 'open') return undefined;
  return kind === 'broken' && place !== 'before-head' ? 'broken replies' : CAUSES[kind];
}
