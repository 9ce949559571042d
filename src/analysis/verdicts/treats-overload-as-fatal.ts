import { defineJudge } from '../judging/define-judge.ts';
import { type FaultKind, judgeSurfaced, SURFACED_SETTINGS, surfacedThreshold } from '../judging/surfaced-faults.ts';
import { endingOf, isOverload } from '../run/attempts.ts';
import { describeEnding } from '../run/describe-ending.ts';
import type { Attempt } from '../run/run-view.ts';

/**
 * Detects calls that give up on transient server errors, by kind, since retry lists often omit 529 and forget errors that come
 * with a status of 200 (`backoff.md` 3.24).
 */
export const treatsOverloadAsFatal = defineJudge({
  id: 'treats-overload-as-fatal',
  question: 'Does it give up on transient server errors?',
  severity: 'warn',
  decidedBy: 'instance',
  arrange: 'Add a fault with status 500, 503 or 529, or of kind error-in-200, for some requests.',
  about: 'calls',
  needs: { 'inner-attempts': 'to-decide' },
  unit: 'share of calls',
  settings: SURFACED_SETTINGS,
  threshold: surfacedThreshold,
  decide: (run, bounds) =>
    judgeSurfaced(run, kindOf, bounds, {
      nothing: 'No call started with a transient server error.',
      advice:
        'Treat 408, 500, 502, 503, 504 and 529, and a 200 that holds an error or cannot be read, as transient: retry after a ' +
        'growing wait.',
    }),
});

/** The error of an attempt. A reply with `x-should-retry: false` is rightly fatal. */
function kindOf(attempt: Attempt): FaultKind | undefined {
  if (!isOverload(attempt) || attempt.shouldRetry === false) return undefined;
  const { source, code, chars = 0 } = endingOf(attempt);
  if (source === 'status') return { name: String(attempt.status) };
  // Text that has reached the caller would come twice: passing on the error is right there.
  const isLate = attempt.stream && chars > 0 && attempt.defect !== 'content-type';
  const late = isLate ? ' after the first text' : '';
  const name = source === 'event' ? `an error event (${code ?? 'without a code'})` : describeEnding(attempt);
  return { name: `${name}${late}`, ...(isLate && { isLenient: true as const }) };
}
