import type { Attempt } from './run-view.ts';

/**
 * Groups attempts in order of start by call. Lists are copied to their exact length, since spare capacity would dominate
 * memory for many calls with few attempts.
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
