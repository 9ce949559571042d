import type { AttemptGroup, CallGroup, SecondRecord } from '../../journal/second-record.ts';

/** Calls and attempts that were counted per second instead of recorded one by one. */
export interface CountedGroups {
  readonly calls: readonly CallGroup[];
  readonly attempts: readonly AttemptGroup[];
}

/** Collects the groups of all seconds. */
export function collectGroups(seconds: readonly SecondRecord[]): CountedGroups {
  return {
    calls: seconds.flatMap(({ calls = [] }) => calls),
    attempts: seconds.flatMap((second) => second.attempts ?? []),
  };
}

/** Returns the number of calls or attempts in groups. */
export function sumCounts(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}

/** Returns the number of calls or attempts in the matching groups, and in all groups. */
export function countHits<Group extends { readonly count: number }>(
  groups: readonly Group[],
  isHit: (group: Group) => boolean,
): readonly [hits: number, samples: number] {
  return [sumCounts(groups.filter(isHit)), sumCounts(groups)];
}
