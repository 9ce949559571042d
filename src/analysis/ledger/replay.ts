import { createLimiter } from '../../../mock-server/limiter/create-limiter.ts';
import type { Limiter } from '../../../mock-server/limiter/limiter.ts';
import type { Run } from '../run/run-view.ts';
import { findHistories, isCharged } from './charges.ts';
import type { Need } from './needs.ts';
import { faultRangesAt, providerOfNeeds } from './total-faults.ts';

/** A replay of a run's limits that finds unused capacity. */
export interface Replay {
  /**
   * Finds the first time from `fromUs` to `untilUs` at which all needs could have been admitted without refusing any attempt
   * that was admitted, outside faults, and reserves that capacity. Undefined if there is no such time.
   */
  place(needs: readonly Need[], fromUs: number, untilUs: number): number | undefined;
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
  const originUs = run.header.generated.startedUs;
  const tracks = new Map<string, Track>();
  /** End of the last search over the same buckets. */
  const searchedUs = new Map<string, number>();

  function trackOf({ limit, bucket }: Need): Track {
    const track = tracks.get(bucket) ?? createTrack(createLimiter(limit.spec), originUs);
    if (tracks.has(bucket)) return track;
    tracks.set(bucket, track);
    for (const { atUs, cost, attempt } of findHistories(run).get(bucket)?.charges ?? []) {
      if (cost > 0) track.record({ atUs: originUs + atUs, cost, mustAdmit: isCharged(attempt.limits) });
    }
    return track;
  }

  /** Every limit must have capacity at the same time, outside faults: repeats over them until they agree. */
  function findCommonRoom(needs: readonly Need[], fromUs: number, untilUs: number): number | undefined {
    const faults = faultRangesAt(run, providerOfNeeds(run, needs));
    for (let atUs = fromUs; atUs <= untilUs; ) {
      const fault = faults.find(({ startUs, endUs }) => startUs <= atUs - originUs && atUs - originUs < endUs);
      let agreedUs: number | undefined = fault ? originUs + fault.endUs : atUs;
      for (const need of needs) {
        agreedUs = agreedUs === undefined ? undefined : trackOf(need).findRoom(agreedUs, need.cost, untilUs);
      }
      if (agreedUs === undefined || agreedUs === atUs) return agreedUs;
      atUs = agreedUs;
    }
    return undefined;
  }

  return {
    place(all, earliestUs, untilUs) {
      const needs = all.filter(({ limit }) => limit.unit !== 'concurrent');
      if (needs.length === 0) return undefined;
      const queue = needs.map(({ bucket }) => bucket).join('\n');
      const fromUs = Math.max(originUs + earliestUs, searchedUs.get(queue) ?? 0);
      const atUs = findCommonRoom(needs, fromUs, originUs + untilUs);
      searchedUs.set(queue, Math.max(fromUs, atUs ?? originUs + untilUs));
      if (atUs === undefined) return undefined;
      for (const need of needs) trackOf(need).take(atUs, need.cost);
      return atUs - originUs;
    },
  };
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
