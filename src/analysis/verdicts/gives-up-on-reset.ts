import { defineJudge } from '../judging/define-judge.ts';
import { judgeSurfaced, SURFACED_SETTINGS, surfacedThreshold } from '../judging/surfaced-faults.ts';
import type { Attempt } from '../run/run-view.ts';

/** Detects calls that give up when the connection fails before a reply starts, by kind (`backoff.md` 3.25). */
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
      nothing: 'No call started with a connection that failed before the reply.',
      advice: 'Retry after a broken connection or a timeout: no reply has started yet.',
    }),
});

/** A client that aborts before the response head arrives has timed out. */
function kindOf({ outcome, headersUs }: Attempt): string | undefined {
  if (headersUs !== undefined) return undefined;
  if (outcome === 'reset') return 'a reset';
  return outcome === 'aborted' ? 'a timeout' : undefined;
}
