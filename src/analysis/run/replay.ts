import type { Limit } from '../../../mock-server/admission/limit.ts';
import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Limiter } from '../../../mock-server/limiter/limiter.ts';
import type { LimitView } from '../../../mock-server/reply.ts';
import { isAdmitted } from './attempts.ts';
import type { Attempt, Run } from './run-view.ts';

/** A replay of a run's limits that finds unused capacity. */
export interface Replay {
  /**
   * Finds the first time between an attempt's end and `untilUs` at which all its costs could have been admitted without
   * refusing any attempt that was admitted, and reserves that capacity. Undefined if there is no such time.
   */
  place(attempt: Attempt, untilUs: number): number | undefined;
}

/** A charge of the run. `mustAdmit`: it was admitted and must stay so. */
interface Charge {
  readonly atUs: number;
  readonly cost: number;
  readonly mustAdmit: boolean;
}

/**
 * Replays the limits of a run over all its charges, as estimated at admission. Concurrency limits are excluded, since it is
 * unknown when a slot would have become free. A search starts where the last search over the same buckets ended, so placing
 * k calls among n charges takes about n + k steps, more only where capacity opens and closes repeatedly.
 */
export function createReplay(run: Run): Replay {
  const { limits } = run.header.scenario.provider;
  const originUs = run.header.generated.startedUs;
  const tracks = new Map<string, Track>();
  /** End of the last search over the same buckets. */
  const searchedUs = new Map<string, number>();
  for (const attempt of run.attempts) {
    for (const view of attempt.limits) {
      const limit = limits.find(({ name }) => name === view.limit);
      if (!limit || limit.unit === 'concurrent') continue;
      const track = tracks.get(view.bucket) ?? createTrack(createLimiter(limit.spec), originUs);
      tracks.set(view.bucket, track);
      const mustAdmit = isAdmitted(attempt);
      if (mustAdmit || isCharged(limit)) track.record({ atUs: originUs + attempt.startUs, cost: view.cost, mustAdmit });
    }
  }

  /** Every limit must have capacity at the same time: repeats over the limits until they agree. */
  function findCommonRoom(views: readonly LimitView[], fromUs: number, untilUs: number): number | undefined {
    for (let atUs = fromUs; atUs <= untilUs; ) {
      let agreedUs: number | undefined = atUs;
      for (const { bucket, cost } of views) {
        agreedUs = agreedUs === undefined ? undefined : tracks.get(bucket)!.findRoom(agreedUs, cost, untilUs);
      }
      if (agreedUs === undefined || agreedUs === atUs) return agreedUs;
      atUs = agreedUs;
    }
    return undefined;
  }

  return {
    place(attempt, untilUs) {
      const views = attempt.limits.filter(({ bucket }) => tracks.has(bucket));
      if (views.length === 0) return undefined;
      const queue = views.map(({ bucket }) => bucket).join('\n');
      const fromUs = Math.max(originUs + attempt.endUs, searchedUs.get(queue) ?? 0);
      const atUs = findCommonRoom(views, fromUs, originUs + untilUs);
      searchedUs.set(queue, Math.max(fromUs, atUs ?? originUs + untilUs));
      if (atUs === undefined) return undefined;
      for (const { bucket, cost } of views) tracks.get(bucket)!.take(atUs, cost);
      return atUs - originUs;
    },
  };
}

function isCharged(limit: Limit): boolean {
  return limit.unit === 'requests' ? limit.chargeRejected !== 'none' : limit.chargeRejected === 'all';
}

/** The charges of one bucket and the limiter state before each. */
interface Track {
  record(charge: Charge): void;
  /** Returns the first time from `fromUs` to `untilUs` at which `cost` fits without refusing a later charge. */
  findRoom(fromUs: number, cost: number, untilUs: number): number | undefined;
  take(atUs: number, cost: number): void;
}

function createTrack(limiter: Limiter, originUs: number): Track {
  const charges: Charge[] = [];
  /** `states[n]` is the state before `charges[n]`; the last state is after all charges. */
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

  /** Replays the charges from `index` on another state, until a required charge is refused or the states are equal again. */
  function refusesLaterCharge(state: unknown, index: number): boolean {
    for (let n = index; n < charges.length; n++) {
      const { atUs, cost, mustAdmit } = charges[n]!;
      if (sameState(state, states[n])) return false;
      if (mustAdmit && !limiter.check(state, atUs, cost).admit) return true;
      state = limiter.charge(state, atUs, cost);
    }
    return false;
  }

  return {
    record(charge) {
      charges.push(charge);
      states.push(limiter.charge(states.at(-1), charge.atUs, charge.cost));
    },
    findRoom(fromUs, cost, untilUs) {
      for (let index = indexAfter(fromUs), atUs = fromUs; index <= charges.length; index++) {
        const decision = limiter.check(states[index], atUs, cost);
        const openUs = atUs + decision.retryAfterUs;
        const nextUs = charges[index]?.atUs ?? Infinity;
        if (openUs > untilUs && nextUs > untilUs) return undefined;
        if (
          openUs < nextUs &&
          openUs <= untilUs &&
          !refusesLaterCharge(limiter.charge(states[index], openUs, cost), index)
        )
          return openUs;
        atUs = nextUs;
      }
      return undefined;
    },
    take(atUs, cost) {
      const index = indexAfter(atUs);
      charges.splice(index, 0, { atUs, cost, mustAdmit: true });
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

/** States are small plain objects with a fixed key order. */
function sameState(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
