import type { Attempt } from './run-view.ts';

/**
 * The attempts of each call, given in order, in lists that are no longer than they need be: of many calls with few
 * attempts, room to grow would take most of the memory.
 */
export function attemptsByCall(attempts: readonly Attempt[]): Map<number, Attempt[]> {
  const lists = new Map<number, Attempt[]>();
  for (const attempt of attempts) {
    const { call, number } = attempt;
    if (call === null) continue;
    if (number === 1) lists.set(call, [attempt]);
    else lists.set(call, [...lists.get(call)!, attempt]);
  }
  return lists;
}
