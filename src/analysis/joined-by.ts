import type { JoinedBy } from '../journal/record.ts';
import type { Run } from './run-view.ts';

/** How many attempts each rung joined to their call, `none` those that nothing did; rungs that joined none are left out. */
export function joinedBy({ attempts }: Run): Partial<Record<JoinedBy, number>> {
  const counts: Partial<Record<JoinedBy, number>> = {};
  for (const { joinedBy: by } of attempts) counts[by] = (counts[by] ?? 0) + 1;
  return counts;
}
