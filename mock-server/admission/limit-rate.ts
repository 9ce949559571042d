import type { AlgorithmSpec } from '../limiter/algorithm.ts';

const DAY_US = 86_400_000_000;

/** Returns the largest burst of a limit, which providers print as its amount. */
export function limitAmount(spec: AlgorithmSpec): number {
  switch (spec.algorithm) {
    case 'token-bucket':
    case 'gcra':
    case 'leaky-meter':
    case 'tick-bucket':
      return spec.capacity;
    case 'leaky-bucket':
      return spec.burst + 1;
    case 'leaky-queue':
      return spec.maxQueue + 1;
    default:
      return spec.amount;
  }
}

/** Returns the long-run rate of a limit: `amount` units per `periodUs`; null if time alone frees nothing. */
export function sustainedRate(spec: AlgorithmSpec): { amount: number; periodUs: number } | null {
  switch (spec.algorithm) {
    case 'token-bucket':
    case 'gcra':
    case 'leaky-meter':
    case 'tick-bucket':
      return spec.refill;
    case 'leaky-bucket':
      return spec.rate;
    case 'leaky-queue':
      return { amount: 1, periodUs: spec.intervalUs };
    case 'calendar-quota':
      return { amount: spec.amount, periodUs: spec.per === 'day' ? DAY_US : 30 * DAY_US };
    case 'concurrency':
      return null;
    default:
      return { amount: spec.amount, periodUs: spec.windowUs };
  }
}
