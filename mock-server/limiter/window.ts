import { formatExactDuration } from '../duration.ts';
import { parseRate } from '../quantity.ts';
import { checkInteger } from './check-figures.ts';
import { describeRate } from './describe-rate.ts';

/** `amount` units per `windowUs` microseconds. */
interface Window {
  readonly amount: number;
  readonly windowUs: number;
}

/** Returns the settings of a window. */
export function toWindowSettings({ amount, windowUs }: Window): { amount: number; window: string } {
  return { amount, window: formatExactDuration(windowUs) };
}

/** The parts that all algorithms that count per window share. */
export const perWindow = {
  parseSize(size: string) {
    const [amount, period = ''] = size.split('/');
    const rate = parseRate(`1/${period}`);
    return { amount, window: 'value' in rate ? formatExactDuration(rate.value.periodUs) : period };
  },
  problems: ({ amount, windowUs }: Window) => [
    ...checkInteger('amount', amount, 1),
    ...checkInteger('window', windowUs, 1),
  ],
  amount: ({ amount }: Window) => amount,
  sustained: ({ amount, windowUs }: Window) => ({ amount, periodUs: windowUs }),
  describe: ({ amount, windowUs }: Window, unit: string) => describeRate(unit, { amount, periodUs: windowUs }),
  recorded: ['amount', 'windowUs'],
  restricts: 'rate',
} as const;
