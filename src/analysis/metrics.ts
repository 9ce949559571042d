/** Durations in microseconds; rates as shares of 1. As in k6: what a metric contains decides what can be asked of it. */
export type Metric =
  | {
      readonly name: string;
      readonly type: 'trend';
      readonly unit: 'us' | 'count';
      /** Samples in ascending order. */
      readonly sorted: readonly number[];
    }
  | { readonly name: string; readonly type: 'rate'; readonly hits: number; readonly samples: number }
  | { readonly name: string; readonly type: 'counter'; readonly count: number; readonly perSecond: number }
  | {
      readonly name: string;
      readonly type: 'gauge';
      readonly unit: 'per-second' | 'ratio';
      readonly value: number | null;
    };
