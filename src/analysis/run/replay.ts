import type { Limit } from '../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Limiter } from '../../../mock-server/limiter/limiter.ts';
import type { LimitSight } from '../../../mock-server/reply.ts';
import { isAdmitted } from './attempts.ts';
import type { Attempt, Run } from './run-view.ts';

/** A run's quota played again, to see what else it had room for. */
export interface Replay {
  /**
   * Finds the first moment from an attempt's end on, up to `untilUs`, at which everything the attempt asked for could
   * have been admitted without refusing anything that really was, and takes that room. Undefined if there is none.
   */
  place(attempt: Attempt, untilUs: number): number | undefined;
}

/** A charge that was made; `must` if it has to be admitted still. */
interface Charge {
  readonly atUs: number;
  readonly cost: number;
  readonly must: boolean;
}

/**
 * Replays the limits of a run over all charges that were made, as they were estimated at admission. Concurrency is left
 * out: when a place would have come free is not known. Nobody overtakes: a search goes on from where the last one of the
 * same buckets ended, so that placing k calls among n charges takes about n + k steps, more only where rooms open and
 * close again.
 */
export function createReplay(run: Run): Replay {
  const { limits } = run.header.scenario.provider;
  const originUs = run.header.generated.startedUs;
  const tracks = new Map<string, Track>();
  /** Where the last search among the same buckets ended. */
  const searchedUs = new Map<string, number>();
  for (const attempt of run.attempts) {
    for (const sight of attempt.limits) {
      const limit = limits.find(({ name }) => name === sight.limit);
      if (!limit || limit.unit === 'concurrent') continue;
      const track = tracks.get(sight.bucket) ?? createTrack(createLimiter(limit.spec), originUs);
      tracks.set(sight.bucket, track);
      const must = isAdmitted(attempt);
      if (must || isCharged(limit)) track.record({ atUs: originUs + attempt.startUs, cost: sight.cost, must });
    }
  }

  /** Every limit must have room at one moment: the search goes round until all agree. */
  function commonRoom(sights: readonly LimitSight[], fromUs: number, untilUs: number): number | undefined {
    for (let atUs = fromUs; atUs <= untilUs; ) {
      let agreedUs: number | undefined = atUs;
      for (const { bucket, cost } of sights) {
        agreedUs = agreedUs === undefined ? undefined : tracks.get(bucket)!.roomFrom(agreedUs, cost, untilUs);
      }
      if (agreedUs === undefined || agreedUs === atUs) return agreedUs;
      atUs = agreedUs;
    }
    return undefined;
  }

  return {
    place(attempt, untilUs) {
      const sights = attempt.limits.filter(({ bucket }) => tracks.has(bucket));
      if (sights.length === 0) return undefined;
      const queue = sights.map(({ bucket }) => bucket).join('\n');
      const fromUs = Math.max(originUs + attempt.endUs, searchedUs.get(queue) ?? 0);
      const atUs = commonRoom(sights, fromUs, originUs + untilUs);
      searchedUs.set(queue, Math.max(fromUs, atUs ?? originUs + untilUs));
      if (atUs === undefined) return undefined;
      for (const { bucket, cost } of sights) tracks.get(bucket)!.take(atUs, cost);
      return atUs - originUs;
    },
  };
}

function isCharged(limit: Limit): boolean {
  return limit.unit === 'requests' ? limit.chargeRejected !== 'none' : limit.chargeRejected === 'all';
}

/** One bucket's charges and the state before each. */
interface Track {
  record(charge: Charge): void;
  /** The first moment, from `fromUs` to `untilUs`, at which `cost` fits and every later charge still does. */
  roomFrom(fromUs: number, cost: number, untilUs: number): number | undefined;
  take(atUs: number, cost: number): void;
}

function createTrack(limiter: Limiter, originUs: number): Track {
  const charges: Charge[] = [];
  /** `states[n]` stands before `charges[n]`; the last one after all of them. */
  const states: unknown[] = [limiter.initial(originUs)];

  /** Index of the first charge after `atUs`. */
  function indexAfter(atUs: number): number {
    let low = 0;
    for (let high = charges.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (charges[middle]!.atUs <= atUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Plays the charges from `index` on with another state before them, until one is refused or nothing differs any more. */
  function harms(state: unknown, index: number): boolean {
    for (let n = index; n < charges.length; n++) {
      const { atUs, cost, must } = charges[n]!;
      if (sameState(state, states[n])) return false;
      if (must && !limiter.check(state, atUs, cost).admit) return true;
      state = limiter.charge(state, atUs, cost);
    }
    return false;
  }

  return {
    record(charge) {
      charges.push(charge);
      states.push(limiter.charge(states.at(-1), charge.atUs, charge.cost));
    },
    roomFrom(fromUs, cost, untilUs) {
      for (let index = indexAfter(fromUs), atUs = fromUs; index <= charges.length; index++) {
        const decision = limiter.check(states[index], atUs, cost);
        const openUs = atUs + decision.retryAfterUs;
        const nextUs = charges[index]?.atUs ?? Infinity;
        if (openUs > untilUs && nextUs > untilUs) return undefined;
        if (openUs < nextUs && openUs <= untilUs && !harms(limiter.charge(states[index], openUs, cost), index))
          return openUs;
        atUs = nextUs;
      }
      return undefined;
    },
    take(atUs, cost) {
      const index = indexAfter(atUs);
      charges.splice(index, 0, { atUs, cost, must: true });
      let state = limiter.charge(states[index], atUs, cost);
      states.splice(index + 1, 0, state);
      for (let n = index + 1; n < charges.length; n++) {
        state = limiter.charge(state, charges[n]!.atUs, charges[n]!.cost);
        if (sameState(state, states[n + 1])) return;
        states[n + 1] = state;
      }
    },
  };
}

/** States are small plain objects, made by the same code in the same order. */
function sameState(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
