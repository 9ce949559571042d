import { defineJudge } from '../judging/define-judge.ts';
import { type FaultKind, judgeSurfaced, SURFACED_SETTINGS, surfacedThreshold } from '../judging/surfaced-faults.ts';
import { endingOf } from '../run/attempts.ts';
import type { Attempt } from '../run/run-view.ts';

/** Detects calls that give up when the connection fails before the first text of a reply, by kind (`backoff.md` 3.25). */
export const givesUpOnReset = defineJudge({
  id: 'gives-up-on-reset',
  question: 'Does it give up when the connection fails?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault (kind: reset) for some requests.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-decide' },
  unit: 'share of calls',
  settings: SURFACED_SETTINGS,
  threshold: surfacedThreshold,
  decide: (run, bounds) =>
    judgeSurfaced(run, kindOf, bounds, {
      nothing: 'No call started with a connection that failed before the first text of a reply.',
      advice: 'Retry after a broken connection or a timeout: nothing of the answer has arrived yet.',
    }),
});

/** A client that aborts before the response head arrives has timed out. */
function kindOf(attempt: Attempt): FaultKind | undefined {
  const { kind, place } = endingOf(attempt);
  if (place === undefined || place === 'in-stream') return undefined;
  if (kind === 'abandoned') return place === 'before-head' ? { name: 'a timeout' } : undefined;
  return { name: place === 'before-head' ? 'a reset' : 'a reply that broke off before its first text' };
}
