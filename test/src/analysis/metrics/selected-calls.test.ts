import { expect, it } from 'vitest';
import { aggregate } from '../../../../src/analysis/metrics/metric-values.ts';
import { computeMetric } from '../../../../src/analysis/metrics/metrics.ts';
import type { CallRecord } from '../../../../src/journal/call-records.ts';
import { runOf, strip } from '../strip.ts';

/** Four calls: one succeeds, two end with 429 (one of them for want of credit), one with an error of its own. */
const run = runOf(
  strip('a.1 0-10 200\nb.1 0-20 429\nc.1 0-30 429\nd.1 0-40 503\n=> d error').map((record) => {
    const errors: Readonly<Record<number, CallRecord['error']>> = {
      2: { name: 'RateLimitError', message: 'slow', status: 429, code: 'rate_limit_exceeded' },
      3: { name: 'RateLimitError', message: 'pay', status: 429, code: 'insufficient_quota' },
      4: { name: 'CircuitOpen', message: 'open' },
    };
    const error = errors[record.id];
    return record.type === 'call' && error ? { ...record, error } : record;
  }),
);

it.each([
  [{}, 3, 4],
  [{ status: '429' }, 2, 4],
  [{ code: 'insufficient_quota' }, 1, 4],
  [{ error: 'CircuitOpen' }, 1, 4],
  [{ status: '500' }, 0, 4],
])('call_failed %j is a share of all ended calls: %i of %i', (tags, hits, samples) => {
  expect(computeMetric(run, 'call_failed', tags)).toMatchObject({ hits, samples });
});

it('other metrics select the calls that ended so', () => {
  expect(computeMetric(run, 'calls', { status: '429' })).toMatchObject({ count: 2 });
  expect(aggregate(computeMetric(run, 'call_duration', { code: 'insufficient_quota' }))).toMatchObject({ max: 30 });
});

it('time between tokens and tokens a second, of streamed and answered replies', () => {
  // The head comes at the end of the head time: 11 tokens in 500 ms after it.
  const streamed = runOf(
    strip('a.1 0-600 200 tokens=11\nb.1 0-600 429 tokens=11\nc.1 0-600 200 tokens=11').map((record) =>
      record.type === 'attempt' ? { ...record, stream: record.call !== 3, headersUs: 100_000 } : record,
    ),
  );
  expect(aggregate(computeMetric(streamed, 'time_between_tokens', {}))).toMatchObject({ samples: 1, avg: 50 });
  expect(aggregate(computeMetric(streamed, 'tokens_per_second', {}))).toMatchObject({ samples: 1, avg: 22 });
});
