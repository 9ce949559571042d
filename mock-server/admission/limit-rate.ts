import { type AlgorithmSpec, algorithmOf } from '../limiter/algorithms.ts';
import type { Rate } from '../quantity.ts';

/** Returns the largest burst of a limit, which providers print as its amount. */
export function limitAmount(spec: AlgorithmSpec): number {
  return algorithmOf(spec).amount(spec);
}

/** Returns the long-run rate of a limit; null if there is none (`limiter/algorithm.ts`). */
export function sustainedRate(spec: AlgorithmSpec): Rate | null {
  return algorithmOf(spec).sustained(spec);
}

/** Returns whether a limit restricts growth: providers do not print it in headers, and its refusals say to slow down. */
export function isGrowthLimit(spec: AlgorithmSpec): boolean {
  return algorithmOf(spec).restricts === 'growth';
}
