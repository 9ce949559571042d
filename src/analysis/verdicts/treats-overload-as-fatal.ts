import { defineJudge } from '../judging/define-judge.ts';
import { judgeSurfaced, SURFACED_SETTINGS, surfacedThreshold } from '../judging/surfaced-faults.ts';
import { isOverload } from '../run/attempts.ts';

/** Does it give up on a fault that passes? By status, since 529 is the one that lists forget (`backoff.md` 3.24). */
export const treatsOverloadAsFatal = defineJudge({
  id: 'treats-overload-as-fatal',
  question: 'Does it give up on a fault that passes?',
  severity: 'warn',
  about: 'calls',
  unit: 'share of calls',
  settings: SURFACED_SETTINGS,
  threshold: surfacedThreshold,
  decide: (run, bounds) =>
    judgeSurfaced(
      run,
      // What says itself that it is not to be tried again is right to be fatal.
      (attempt) => (isOverload(attempt) && attempt.shouldRetry !== false ? String(attempt.status) : undefined),
      bounds,
      {
        nothing: 'No call began with a fault of the server that may pass.',
        advice: 'Treat 408, 500, 502, 503, 504 and 529 as passing: try again after a wait that grows.',
      },
    ),
});
