import type { Limit } from '../../../mock-server/admission/limit.ts';
import type { HeaderRecord } from '../../journal/record.ts';
import { limitsOf } from '../../scenario/fleet.ts';

/** Returns the limits of all providers of a run. */
export function allLimits({ scenario }: Pick<HeaderRecord, 'scenario'>): readonly Limit[] {
  return limitsOf(scenario);
}
