import { describe, expect, it } from 'vitest';
import type { Exchange } from '../../../mock-server/exchange.ts';
import { AttemptSeconds, CallSeconds } from '../../../src/journal/count-seconds.ts';
import { missingRecords } from '../../../src/journal/missing-records.ts';
import { recordFault } from '../../../src/journal/record-fault.ts';
import { rounded, type SecondRecord } from '../../../src/journal/second-record.ts';

const MS = 1000;
const S = 1_000_000;

/** A request that was answered at `endMs` after 2 ms, with one of five left before. */
function exchange(endMs: number, status: 200 | 429, more: Partial<Exchange['sight']> = {}): Exchange {
  const admit = status === 200;
  return {
    startUs: (endMs - 2) * MS,
    headersUs: (endMs - 1) * MS,
    endUs: endMs * MS,
    outcome: 'response',
    sight: {
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

describe('attempts by the second', () => {
  it('go into the second in which they end; one in which none did has a record too', () => {
    const film: SecondRecord[] = [];
    const seconds = new AttemptSeconds((record) => film.push(record));
    seconds.add(exchange(100, 200), 0);
    seconds.add(exchange(999, 429), 0);
    seconds.add(exchange(1000, 429), 0);
    seconds.add(exchange(3500, 200), 0);
    seconds.end(3600 * MS);
    expect(
      film.map(({ startUs, endUs, attempts }) => [startUs / MS, endUs / MS, attempts?.map((one) => one.count)]),
    ).toEqual([
      [0, 1000, [1, 1]],
      [1000, 2000, [1]],
      [2000, 3000, []],
      [3000, 3600, [1]],
    ]);
    expect(film[0]).toEqual({
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

  it('a journal from which a second is missing has a hole, and one with a list that is none a fault', () => {
    const film: SecondRecord[] = [];
    const seconds = new AttemptSeconds((record) => film.push(record));
    seconds.end(5 * S);
    const holes = (records: readonly SecondRecord[]): string[] => {
      const missing = missingRecords();
      for (const record of records) missing.add(record);
      return missing.faults();
    };
    expect(film).toHaveLength(5);
    expect(holes(film)).toEqual([]);
    expect(holes(film.toSpliced(2, 1))).toEqual(['1 seconds are missing of those with the ids 0 to 4']);
    expect(film.map((record) => recordFault(record, 2))).toEqual(Array(5).fill(undefined));
    expect(recordFault({ ...film[0], attempts: 5 }, 2)).toBe('has no attempts, or one that cannot be');
  });
});

it('calls by the second: alike by result and error; nothing is written of a second without any', () => {
  const film: SecondRecord[] = [];
  const seconds = new CallSeconds((record) => film.push(record));
  seconds.add('ok', 0, 100);
  seconds.add('ok', 0, 100);
  seconds.add('error', 0, 200, { name: 'HttpError', message: 'HTTP 429', status: 429 });
  seconds.add('error', 2 * S, 2 * S + 50, { name: 'Timeout', message: 'late' });
  seconds.add('open', 2 * S, 2 * S + 60);
  seconds.end(2 * S + 60);
  expect(
    film.map(({ startUs, calls }) => [startUs, calls?.map((one) => [one.result, one.error?.name, one.count])]),
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

it('durations are rounded by less than 0.4 %, to few values', () => {
  const classes = new Set<number>();
  for (let us = 1; us < 2 ** 31; us = Math.ceil(us * 1.001)) {
    const value = rounded(us);
    classes.add(value);
    expect(Math.abs(value - us) / us).toBeLessThan(0.004);
    // What is rounded already stays: counts of several seconds can be put together.
    expect(rounded(Math.floor(value))).toBe(value);
  }
  expect(classes.size).toBeLessThan(3500);
});
