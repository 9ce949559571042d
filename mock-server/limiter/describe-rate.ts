import { formatDuration } from '../duration.ts';
import type { Rate } from '../quantity.ts';

const PERIODS: ReadonlyMap<number, string> = new Map([
  [1e6, 'a second'],
  [60e6, 'a minute'],
  [3600e6, 'an hour'],
  [86_400e6, 'a day'],
  [7 * 86_400e6, 'a week'],
]);

/** Describes a rate, and the burst if it differs from the rate's amount: `5 requests a second, bursts of up to 10`. */
export function describeRate(unit: string, { amount, periodUs }: Rate, burst = amount): string {
  const atOnce = burst === amount ? '' : `, bursts of up to ${burst}`;
  return `${amount} ${amount === 1 ? unit.replace(/s$/, '') : unit} ${describePeriod(periodUs)}${atOnce}`;
}

/** Describes a period as part of a rate: `a minute`, `every 10s`. */
export function describePeriod(periodUs: number): string {
  return PERIODS.get(periodUs) ?? `every ${formatDuration(periodUs)}`;
}
