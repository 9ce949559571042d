import { endingOf, isAnswered } from '../run/attempts.ts';
import { memoizeByRun } from '../run/memoize-by-run.ts';
import type { Attempt, Call, Run } from '../run/run-view.ts';
import { createReader, needsByProvider } from './needs.ts';
import { createRoom, type Room } from './room.ts';

/** The providers of a run with several, and when each would have answered a request. */
export interface ProviderRooms {
  readonly names: readonly string[];
  /** When a provider had room for the request of an attempt, or for a usual request. */
  roomAt(provider: string, attempt?: Attempt): Room;
}

/** Returns when each provider had room; undefined for a run with one provider, in which nobody can fail over. */
export const findProviderRooms = memoizeByRun((run): { readonly rooms: ProviderRooms | undefined } => {
  const usual = needsByProvider(run);
  if (usual.size < 2) return { rooms: undefined };
  const roomOf = createRoom(run);
  const needsIn = createReader(run);
  return {
    rooms: {
      names: [...usual.keys()],
      roomAt(provider, attempt) {
        const own = attempt?.provider === provider ? needsIn(attempt) : [];
        return roomOf(own.length > 0 ? own : usual.get(provider)!, provider);
      },
    },
  };
});

/**
 * Returns whether another provider may answer what this one did not: after a refusal, a spent quota, an outage or silence. The
 * same request with a mistake in it is wrong everywhere (`400`), unless the key or the model is what this provider lacks.
 */
export function mayFailOver(attempt: Attempt): boolean {
  const { kind } = endingOf(attempt);
  if (kind === 'answered' || kind === 'open') return false;
  return kind !== 'rejected' || [401, 403, 404].includes(attempt.status);
}

/** Returns whether a provider had room at an instant. */
export function hadRoom({ roomAt }: ProviderRooms, provider: string, atUs: number, attempt?: Attempt): boolean {
  return roomAt(provider, attempt).firstOpenUs(atUs, atUs + 1) !== undefined;
}

/** Returns the first other provider that had room at an instant. */
export function otherWithRoom(rooms: ProviderRooms, provider: string, atUs: number): string | undefined {
  return rooms.names.find((name) => name !== provider && hadRoom(rooms, name, atUs));
}

/** Returns the name of the provider of an attempt. */
export const providerOf = ({ provider = '' }: Attempt): string => provider;

/** Returns the calls that ended, met a failure that another provider could mend, and the first such attempt. */
export function callsThatMetFailure({ calls }: Run): { readonly call: Call; readonly failed: Attempt }[] {
  return calls.flatMap((call) => {
    const failed = call.attempts.find(mayFailOver);
    return failed && call.result !== 'open' ? [{ call, failed }] : [];
  });
}

/** Returns whether a call failed: it was not answered, or its answer was not passed on. */
export const isLost = ({ result, attempts }: Call): boolean => result === 'error' && !attempts.some(isAnswered);
