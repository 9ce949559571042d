import { describe, expect, it } from 'vitest';
import { endingKind } from '../../../mock-server/ending.ts';
import type { Exchange } from '../../../mock-server/exchange.ts';
import { computeMetric } from '../../../src/analysis/metrics/metrics.ts';
import { readRun } from '../../../src/analysis/run/read-run.ts';
import { AttemptSeconds, CallSeconds } from '../../../src/journal/count-seconds.ts';
import { createRecordCount } from '../../../src/journal/record-count.ts';
import { findRecordProblem } from '../../../src/journal/record-problem.ts';
import { roundToClass, type SecondRecord } from '../../../src/journal/second-record.ts';
import { header } from '../analysis/strip.ts';

const MS = 1000;
const S = 1_000_000;

/** A request that took 2 ms and ended at `endMs`. */
function exchange(endMs: number, status: 200 | 429, more: Partial<Exchange['view']> = {}): Exchange {
  const admit = status === 200;
  return {
    startUs: (endMs - 2) * MS,
    headersUs: (endMs - 1) * MS,
    endUs: endMs * MS,
    outcome: 'response',
    view: {
      endpoint: 'chat.completions',
      status,
      limits: [
        { limit: 'requests', bucket: 'requests[a]', unit: 'requests', cost: 1, admit, before: admit ? 1 : 0, after: 0 },
      ],
      ...(admit ? { promptTokens: 3, completionTokens: 4 } : { deniedBy: 'requests', retryAfterUs: S }),
      bodyHash: '',
      bodyBytes: 1,
      stream: false,
      ...more,
    },
  };
}

describe('AttemptSeconds', () => {
  it('counts attempts apart that had the same status and ended differently', () => {
    const records: SecondRecord[] = [];
    const seconds = new AttemptSeconds((record) => records.push(record));
    seconds.add(exchange(100, 200), 0);
    seconds.add(exchange(110, 200, { defect: 'error-body', errorType: 'server_error' }), 0);
    seconds.add(exchange(120, 200, { defect: 'error-body', errorType: 'server_error' }), 0);
    seconds.add(exchange(130, 200, { defect: 'error-event', errorCode: 'rate_limit_exceeded', sentChars: 9 }), 0);
    seconds.end(S);
    const groups = records[0]!.attempts!;
    expect(groups.map((group) => [endingKind(group), group.count])).toEqual([
      ['answered', 1],
      ['unreadable', 2],
      ['refused', 1],
    ]);
    const run = readRun([header(), ...records, { type: 'end', endUs: S }]);
    expect(computeMetric(run, 'attempt_failed', {})).toMatchObject({ hits: 2, samples: 4 });
    expect(computeMetric(run, 'attempts', { ending: 'unreadable' })).toMatchObject({ count: 2 });
    // All of them were let in, so all were charged.
    expect(records[0]!.buckets).toMatchObject([{ met: 4, admitted: 4, charged: 4 }]);
  });

  it('counts attempts in the second in which they end; an empty second has a record too', () => {
    const records: SecondRecord[] = [];
    const seconds = new AttemptSeconds((record) => records.push(record));
    seconds.add(exchange(100, 200), 0);
    seconds.add(exchange(999, 429), 0);
    seconds.add(exchange(1000, 429), 0);
    seconds.add(exchange(3500, 200), 0);
    seconds.end(3600 * MS);
    expect(
      records.map(({ startUs, endUs, attempts }) => [startUs / MS, endUs / MS, attempts?.map((one) => one.count)]),
    ).toEqual([
      [0, 1000, [1, 1]],
      [1000, 2000, [1]],
      [2000, 3000, []],
      [3000, 3600, [1]],
    ]);
    expect(records[0]).toEqual({
      type: 'second',
      startUs: 0,
      endUs: S,
      attempts: [
        {
          outcome: 'response',
          status: 200,
          count: 1,
          durations: [[2004, 1]],
          firstBytes: [[1002, 1]],
          retryAfter: [],
          promptTokens: 3,
          completionTokens: 4,
        },
        {
          outcome: 'response',
          status: 429,
          deniedBy: 'requests',
          count: 1,
          durations: [[2004, 1]],
          firstBytes: [[1002, 1]],
          retryAfter: [[1_001_472, 1]],
          promptTokens: 0,
          completionTokens: 0,
        },
      ],
      buckets: [
        {
          limit: 'requests',
          bucket: 'requests[a]',
          met: 2,
          denied: 1,
          admitted: 1,
          charged: 1,
          cost: 1,
          before: 1,
          after: 0,
          least: 0,
        },
      ],
    });
  });

  it('a missing second and an invalid list are reported', () => {
    const records: SecondRecord[] = [];
    const seconds = new AttemptSeconds((record) => records.push(record));
    seconds.end(5 * S);
    const problemsOf = (given: readonly SecondRecord[]): string[] => {
      const count = createRecordCount();
      for (const record of given) count.add(record);
      return count.missing();
    };
    expect(records).toHaveLength(5);
    expect(problemsOf(records)).toEqual([]);
    expect(problemsOf(records.toSpliced(2, 1))).toEqual(['missing seconds: 1 (ids 0 to 4)']);
    expect(records.map((record) => findRecordProblem(record, 2))).toEqual(Array(5).fill(undefined));
    expect(findRecordProblem({ ...records[0], attempts: 5 }, 2)).toBe('has no valid attempts');
  });
});

it('CallSeconds groups calls by result and error; an empty second has no record', () => {
  const records: SecondRecord[] = [];
  const seconds = new CallSeconds((record) => records.push(record));
  seconds.add('ok', 0, 100);
  seconds.add('ok', 0, 100);
  seconds.add('error', 0, 200, { name: 'HttpError', message: 'HTTP 429', status: 429 });
  seconds.add('error', 2 * S, 2 * S + 50, { name: 'Timeout', message: 'late' });
  seconds.add('open', 2 * S, 2 * S + 60);
  seconds.end(2 * S + 60);
  expect(
    records.map(({ startUs, calls }) => [startUs, calls?.map((one) => [one.result, one.error?.name, one.count])]),
  ).toEqual([
    [
      0,
      [
        ['ok', undefined, 2],
        ['error', 'HttpError', 1],
      ],
    ],
    [
      2 * S,
      [
        ['error', 'Timeout', 1],
        ['open', undefined, 1],
      ],
    ],
  ]);
});

it('roundToClass changes durations by less than 0.4 %, to few distinct values', () => {
  const classes = new Set<number>();
  for (let us = 1; us < 2 ** 31; us = Math.ceil(us * 1.001)) {
    const value = roundToClass(us);
    classes.add(value);
    expect(Math.abs(value - us) / us).toBeLessThan(0.004);
    // A rounded value stays the same, so the counts of several seconds can be merged.
    expect(roundToClass(Math.floor(value))).toBe(value);
  }
  expect(classes.size).toBeLessThan(3500);
});
