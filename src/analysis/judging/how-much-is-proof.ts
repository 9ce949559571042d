import { isRepeatable } from '../run/repeatable.ts';
import type { Run } from '../run/run-view.ts';
import { type Interval, shareInterval } from '../statistics/interval.ts';

/** In time that a machine may disturb, this many cases are proof, or this share of them if that is more. */
const MIN_CASES = 2;
const MIN_SHARE = 0.1;

/** Returns whether the times of a run are exact, because its clock is virtual: a single clear case is then proof. */
export function isExact({ header }: Run): boolean {
  return !header.recorded && !header.program && isRepeatable(header.time);
}

/** Returns how many of `n` cases must be wrong to prove a verdict that is decided by instance. */
export function casesToFail(run: Run, n: number): number {
  return isExact(run) ? 1 : Math.max(MIN_CASES, Math.ceil(MIN_SHARE * n));
}

/** Returns the status of a verdict decided by instance: `wrong` of `n` cases. Too few wrong cases warn. */
export function statusByInstance(run: Run, wrong: number, n: number): 'pass' | 'warn' | 'fail' {
  if (wrong === 0) return 'pass';
  return wrong >= casesToFail(run, n) ? 'fail' : 'warn';
}

/** The status of a share, and the share with its interval. */
interface JudgedShare {
  readonly status: 'pass' | 'warn' | 'fail';
  readonly figure: number;
  readonly interval: Interval;
}

/**
 * Returns the status of a verdict decided by share: `hits` of `n` calls, at least one. In exact time the share itself is compared
 * with the bounds. Elsewhere its interval must lie beyond the bound to fail; a share beyond a bound that its interval does not
 * clear warns. Few calls widen the interval and silence nothing.
 */
export function statusByShare(
  run: Run,
  hits: number,
  n: number,
  bounds: { readonly warn: number; readonly fail: number },
): JudgedShare {
  const interval = shareInterval(hits, n);
  const figure = hits / n;
  return { status: statusByInterval(run, figure, interval, bounds), figure, interval };
}

/** Returns the status of any figure decided by share, such as a mean per call, from its interval. */
export function statusByInterval(
  run: Run,
  figure: number,
  { low }: Pick<Interval, 'low'>,
  { warn, fail }: { readonly warn: number; readonly fail: number },
): 'pass' | 'warn' | 'fail' {
  const proven = isExact(run) ? figure : low;
  if (proven > fail) return 'fail';
  return figure > warn ? 'warn' : 'pass';
}
