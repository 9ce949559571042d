import { formatExactDuration } from '../duration.ts';
import { parseRate, type Rate } from '../quantity.ts';
import { checkInteger } from './check-figures.ts';
import { describeRate } from './describe-rate.ts';
import { checkInitial } from './initial.ts';

/** `amount` units per `windowUs` microseconds. */
interface Window {
  readonly amount: number;
  readonly windowUs: number;
  readonly initial?: number;
}

/** Returns the settings of a window. */
export function toWindowSettings({ amount, windowUs, initial }: Window): {
  amount: number;
  window: string;
  initial?: number;
} {
  return { amount, window: formatExactDuration(windowUs), ...(initial !== undefined && { initial }) };
}

/** The rate of a limit per period; null if it admits nothing, so that no time brings any back. */
export function rateOf(amount: number, periodUs: number): Rate | null {
  return amount === 0 ? null : { amount, periodUs };
}

/** The parts that all algorithms that count per window share. */
export const perWindow = {
  parseSize(size: string) {
    const [amount, period = ''] = size.split('/');
    const rate = parseRate(`1/${period}`);
    return { amount, window: 'value' in rate ? formatExactDuration(rate.value.periodUs) : period };
  },
  problems: ({ amount, windowUs, initial }: Window) => [
    ...checkInteger('amount', amount, 0),
    ...checkInteger('window', windowUs, 1),
    ...checkInitial(initial, amount),
  ],
  amount: ({ amount }: Window) => amount,
  sustained: ({ amount, windowUs }: Window) => rateOf(amount, windowUs),
  describe: ({ amount, windowUs }: Window, unit: string) => describeRate(unit, { amount, periodUs: windowUs }),
  recorded: ['amount', 'windowUs'],
  restricts: 'rate',
} as const;
