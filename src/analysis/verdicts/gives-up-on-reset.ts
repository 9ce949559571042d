import { defineJudge } from '../judging/define-judge.ts';
import { judgeSurfaced, SURFACED_SETTINGS, surfacedThreshold } from '../judging/surfaced-faults.ts';
import type { Attempt } from '../run/run-view.ts';

/** Does it give up when the connection fails before an answer has begun? By kind (`backoff.md` 3.25). */
export const givesUpOnReset = defineJudge({
  id: 'gives-up-on-reset',
  question: 'Does it give up when the connection fails?',
  severity: 'warn',
  about: 'calls',
  unit: 'share of calls',
  settings: SURFACED_SETTINGS,
  threshold: surfacedThreshold,
  decide: (run, bounds) =>
    judgeSurfaced(run, kindOf, bounds, {
      nothing: 'No call began with a connection that failed before its answer.',
      advice: 'Try again after a connection that broke or a silence: nothing has been answered yet.',
    }),
});

/** A client that went away before the head came has had enough of waiting. */
function kindOf({ outcome, headersUs }: Attempt): string | undefined {
  if (headersUs !== undefined) return undefined;
  if (outcome === 'reset') return 'a reset';
  return outcome === 'aborted' ? 'a timeout' : undefined;
}
