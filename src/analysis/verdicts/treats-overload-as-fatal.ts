import { defineJudge } from '../judging/define-judge.ts';
import { judgeSurfaced, SURFACED_SETTINGS, surfacedThreshold } from '../judging/surfaced-faults.ts';
import { isOverload } from '../run/attempts.ts';

/** Detects calls that give up on transient server errors, by status, since retry lists often omit 529 (`backoff.md` 3.24). */
export const treatsOverloadAsFatal = defineJudge({
  id: 'treats-overload-as-fatal',
  question: 'Does it give up on transient server errors?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault with status 500, 503 or 529 for some requests.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-decide' },
  unit: 'share of calls',
  settings: SURFACED_SETTINGS,
  threshold: surfacedThreshold,
  decide: (run, bounds) =>
    judgeSurfaced(
      run,
      // A reply with x-should-retry: false is rightly fatal.
      (attempt) => (isOverload(attempt) && attempt.shouldRetry !== false ? String(attempt.status) : undefined),
      bounds,
      {
        nothing: 'No call started with a transient server error.',
        advice: 'Treat 408, 500, 502, 503, 504 and 529 as transient: retry after a growing wait.',
      },
    ),
});
