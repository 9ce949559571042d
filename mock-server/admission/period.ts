import type { AlgorithmSpec } from '../limiter/algorithm.ts';

const DAY_US = 86_400_000_000;

/** The most that a limit lets through at once: what providers print as its number. */
export function amountOf(spec: AlgorithmSpec): number {
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

/** What a limit lets through in the long run: `amount` units per `periodUs`; null where time gives nothing back. */
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
