import type { Algorithm } from './algorithm.ts';
import type { LimiterFields } from './fields.ts';
import { perWindow, toWindowSettings } from './window.ts';

export interface SlidingWindowSpec {
  readonly algorithm: 'sliding-window-log' | 'sliding-window-counter';
  readonly amount: number;
  readonly windowUs: number;
  readonly initial?: number;
}

function settings({ z, window, initial }: LimiterFields) {
  return {
    algorithm: z
      .enum(['sliding-window-log', 'sliding-window-counter'])
      .describe('Counts over a sliding window, exactly or by two counters.'),
    ...window,
    initial,
  };
}

export type SlidingWindow = Algorithm<SlidingWindowSpec, ReturnType<typeof settings>>;

/** The parts that the log and the counter share. */
export const slidingWindow: Omit<SlidingWindow, 'create' | 'refills'> = {
  ...perWindow,
  settings,
  toSpec: ({ algorithm, amount, window, initial }) => ({
    algorithm,
    amount,
    windowUs: window,
    ...(initial !== undefined && { initial }),
  }),
  toSettings: (spec) => ({ algorithm: spec.algorithm, ...toWindowSettings(spec) }),
};
