import { isOverload } from '../attempts.ts';
import { attributionGap } from '../finding.ts';
import type { Judge } from '../verdict.ts';
import { judgeSurfaced, SURFACED_THRESHOLD } from './surfaced-faults.ts';

/** Does it give up on a fault that passes? By status, since 529 is the one that lists forget (`backoff.md` 3.24). */
export const treatsOverloadAsFatal: Judge = {
  id: 'treats-overload-as-fatal',
  question: 'Does it give up on a fault that passes?',
  defaultSeverity: 'warn',
  judge: (run) =>
    attributionGap(run, SURFACED_THRESHOLD) ??
    judgeSurfaced(run, (attempt) => (isOverload(attempt) ? String(attempt.status) : undefined), {
      nothing: 'The server had no fault of its own.',
      advice: 'Treat 408, 500, 502, 503, 504 and 529 as passing: try again after a wait that grows.',
    }),
};
