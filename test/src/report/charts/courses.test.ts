import { describe, expect, it } from 'vitest';
import { comparisonChart } from '../../../../src/report/charts/comparison-chart.ts';
import { seedsChart } from '../../../../src/report/charts/seeds-chart.ts';
import { repeated, runOf } from '../../analysis/strip.ts';

const BEFORE = runOf(repeated('a.1 0-50 429 ra=1000', 100, 200));
const AFTER = runOf(repeated('a.1 0-50 429 ra=1000\na.2 1100-1200 200', 100, 200));

interface Line {
  readonly label: string;
  readonly yAxisID: string;
  readonly data: readonly { readonly x: number; readonly y: number }[];
  readonly borderDash?: readonly number[];
}

describe('two runs over each other', () => {
  const { title, config } = comparisonChart(BEFORE, AFTER);
  const lines = config.data.datasets as unknown as Line[];

  it('the title has what changed', () => {
    expect(title).toBe('No call fails, before: 100 %; 2 requests per call, before: 1');
  });

  it('each panel has both, at the same times, the earlier one dashed', () => {
    for (const panel of ['y', 'failed', 'sent']) {
      const [after, before] = lines.filter(({ yAxisID }) => yAxisID === panel);
      expect([after!.label, before!.label, before!.borderDash]).toEqual(['after', 'before', [6, 4]]);
      expect(after!.data.map(({ x }) => x)).toEqual(before!.data.map(({ x }) => x));
    }
  });
});

it('of several seeds, the median lies in the band from the lowest to the highest', () => {
  const { title, config } = seedsChart([BEFORE, AFTER, AFTER]);
  expect(title).toBe('With 3 seeds, 0 % to 100 % of calls fail');
  const failed = (config.data.datasets as unknown as Line[]).filter(({ yAxisID }) => yAxisID === 'failed');
  const [median, highest, lowest] = failed.map(({ data }) => data[0]!.y);
  expect([median, highest, lowest]).toEqual([0, 100, 0]);
});
