import type { Problem } from '../error.ts';
import { checkInteger } from './check-figures.ts';

/** Returns how much of `full` units is used up at the start; `initial` units are left, or all. */
export function usedAtStart(initial: number | undefined, full: number): number {
  return full - (initial ?? full);
}

/** Returns a problem unless `initial` is absent, or a whole number up to what the limit holds. */
export function checkInitial(initial: number | undefined, full: number): Problem[] {
  return initial === undefined ? [] : checkInteger('initial', initial, 0, full);
}
