import type { Limit } from '../../../mock-server/admission/limit.ts';
import type { HeaderRecord } from '../../journal/record.ts';
import { clientsOf, limitsOf } from '../../scenario/fleet.ts';

/** Returns the limits of all providers of a run. */
export function allLimits({ scenario }: Pick<HeaderRecord, 'scenario'>): readonly Limit[] {
  return limitsOf(scenario);
}

/** Returns the clients of a run with their names, the first one first. */
export function allClients({ scenario }: Pick<HeaderRecord, 'scenario'>): ReturnType<typeof clientsOf> {
  return clientsOf(scenario);
}
