import { describe, expect, it } from 'vitest';
import type { AlgorithmSpec } from '../../../../mock-server/limiter/algorithms.ts';
import { analyse } from '../../../../src/analysis/analyse.ts';
import { bucketChart } from '../../../../src/report/charts/bucket-chart.ts';
import type { ChartContent } from '../../../../src/report/charts/chart-spec.ts';
import { header, requestLimit, runOf, strip } from '../../analysis/strip.ts';

/** Three requests, the second of which finds the bucket full again. */
const REQUESTS = strip(`
  a.1 100-120 200 before=5 cost=3
  b.1 1300-1320 200 before=5 cost=5
  c.1 1300-1320 429 before=0
`);

const levelsOf = (spec: AlgorithmSpec): unknown => {
  const run = runOf(REQUESTS, { head: header([requestLimit(5, 5, { spec })]) });
  const { data } = (bucketChart.draw(run, analyse(run)) as ChartContent).datasets.at(-1) as { data: object[] };
  return data.map((point) => Object.values(point));
};

const S = 1_000_000;

describe('the level of a bucket between two requests', () => {
  it.each(['token-bucket', 'gcra', 'leaky-meter'] as const)(
    '%s: rises until it is full, then stays level',
    (algorithm) => {
      expect(levelsOf({ algorithm, capacity: 5, refill: { amount: 5, periodUs: S } })).toEqual([
        [0, 5],
        [0.1, 5],
        [0.1, 2],
        [0.7, 5],
        [1.3, 5],
        [1.3, 0],
        [2.3, 5],
        [2.32, 5],
      ]);
    },
  );

  it.each(['leaky-bucket', 'leaky-queue'] as const)('%s: rises like a bucket of the same rate', (algorithm) => {
    const specs = {
      'leaky-bucket': { algorithm: 'leaky-bucket', rate: { amount: 5, periodUs: S }, burst: 4, delay: 'nodelay' },
      'leaky-queue': { algorithm: 'leaky-queue', intervalUs: S / 5, maxQueue: 4 },
    } as const;
    expect(levelsOf(specs[algorithm])).toEqual(
      levelsOf({ algorithm: 'token-bucket', capacity: 5, refill: { amount: 5, periodUs: S } }),
    );
  });

  it.each([
    ['a clock window: jumps at the full second', { anchor: 'clock' }, 1, 2],
    ['with an offset: jumps at its boundary', { anchor: 'clock', offsetUs: 0.25 * S }, 0.25, 2.25],
    ['a window from the first request: jumps at its end', { anchor: 'first-request' }, 1.1, 2.3],
  ] as const)('%s', (_, window, resetS, nextS) => {
    expect(levelsOf({ algorithm: 'fixed-window', amount: 5, windowUs: S, ...window })).toEqual([
      [0, 5],
      [0.1, 5],
      [0.1, 2],
      [resetS, 2],
      [resetS, 5],
      [1.3, 5],
      [1.3, 0],
      [nextS, 0],
      [nextS, 5],
      [2.32, 5],
    ]);
  });

  it('a sliding window: stays until the next request shows how far it rose', () => {
    expect(levelsOf({ algorithm: 'sliding-window-log', amount: 5, windowUs: S })).toEqual([
      [0, 5],
      [0.1, 5],
      [0.1, 2],
      [1.3, 2],
      [1.3, 5],
      [1.3, 0],
      [2.32, 0],
    ]);
  });
});
