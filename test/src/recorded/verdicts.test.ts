import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { JUDGES } from '../../../src/analysis/judging/judge-run.ts';
import type { VerdictStatus } from '../../../src/analysis/judging/verdict.ts';
import { harStrip, type read, runOf, sample } from './traffic.ts';

const statuses = (text: string, options: Parameters<typeof read>[1] = {}): Record<string, VerdictStatus> =>
  Object.fromEntries(analyse(runOf(text, options)).verdicts.map(({ id, status }) => [id, status]));

const NOT_APPLICABLE = [
  'gives-up-early',
  'retries-impossible-request',
  'swallows-rejection',
  'replays-partial-stream',
  'retries-too-early',
  'over-waits',
  'does-not-recover',
  'leaves-quota-unused',
  'concurrency-blow-up',
  'starves-callers',
  'restart-stampede',
  'clock-skewed-retry-after',
];

/** Thirty calls, refused together, that all retry after 1 s three times, whatever Retry-After says, and fail. */
const stubborn = harStrip(
  Array.from({ length: 30 }, (_, call) =>
    [0, 1, 2, 3].map((n) => `${n * 1020}-${n * 1020 + 20} 429 ra=${2 + n} rc=${n} body=${call}`).join('\n'),
  ).join('\n') + '\n60000-60100 200 rc=0 body=last',
);

describe('a complete recording of a client that ignores Retry-After', () => {
  const found = statuses(stubborn);

  it('a HAR is enough to fail it', () => {
    expect(found).toMatchObject({ 'ignores-retry-after': 'fail', 'amplifies-load': 'fail', 'layered-retries': 'pass' });
  });

  it('verdicts about the quota or the caller are not decided', () => {
    for (const id of NOT_APPLICABLE) expect([id, found[id]]).toEqual([id, 'not-applicable']);
  });

  it('calls that retry together are not proof of a herd if the quota is unknown, as it may admit them all', () => {
    const herd = analyse(runOf(stubborn)).verdicts.find(({ id }) => id === 'synchronised-herd')!;
    expect(herd).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('30 of 30, refused at one instant, returned in step to within'),
    });
  });
});

describe('a log with a resolution of 1 s', () => {
  const format = '[$time_local] "$request" $status $request_time "$sent_http_retry_after" $http_idempotency_key';
  const line = (atS: number, status: number, call: number, retryAfter: string): string => {
    const time = [Math.floor(atS / 60), atS % 60].map((part) => String(part).padStart(2, '0')).join(':');
    return `[25/Nov/2026:10:${time} +0000] "POST /v1/responses HTTP/1.1" ${status} 0.010 "${retryAfter}" ${call}`;
  };
  /** Forty calls that retry a second after each refusal. */
  const log = (retryAfter: string): string =>
    Array.from({ length: 40 }, (_, call) =>
      [
        line(call * 20, 429, call, retryAfter),
        line(call * 20 + 1, 429, call, retryAfter),
        line(call * 20 + 2, 200, call, '-'),
      ].join('\n'),
    ).join('\n');

  it('does not conclude that waits that look equal are equal', () => {
    const found = statuses(log('-'), { logFormat: format });
    expect(found).toMatchObject({ 'no-jitter': 'inconclusive', 'backoff-shape': 'inconclusive' });
    expect(found['fixed-interval']).not.toMatch(/pass|warn|fail/);
  });

  it('a logged wait of 1 s may be nearly 2 s: too short for Retry-After: 9, but perhaps not for 2', () => {
    expect(statuses(log('2'), { logFormat: format })['ignores-retry-after']).not.toMatch(/warn|fail/);
    expect(statuses(log('9'), { logFormat: format })['ignores-retry-after']).toBe('fail');
  });
});

describe('attempts that cannot be joined', () => {
  it('leave verdicts about calls undecided', () => {
    const found = statuses(sample('access.log'));
    for (const { id } of JUDGES) expect([id, found[id]]).not.toEqual([id, expect.stringMatching(/^(pass|fail|warn)$/)]);
  });

  it('do not matter up to 5 %', () => {
    const calls = Array.from({ length: 40 }, (_, n) => `${n * 1000}-${n * 1000 + 100} 200 rc=0 body=${n}`).join('\n');
    expect(statuses(`${harStrip(`${calls}\n50000-50100 200 rc=1 body=x`)}`)['hides-retries']).toBe('pass');
    const lost = [1, 2, 3].map((n) => `${50000 + n}-50100 200 rc=1 body=lost${n}`).join('\n');
    expect(statuses(harStrip(`${calls}\n${lost}`))['hides-retries']).toBe('inconclusive');
  });
});

it('calls recorded as one attempt pass no verdict about attempts', () => {
  const found = statuses(sample('spans.json'));
  for (const id of ['amplifies-load', 'unbounded-retries', 'retries-non-retryable', 'no-jitter', 'hides-retries']) {
    expect([id, found[id]]).toEqual([id, 'inconclusive']);
  }
});

it('without recorded bodies and keys, a repeat proves neither an identical request nor a missing key', () => {
  const format = '$msec "$request" $status $request_time $http_x_call';
  const lines = Array.from(
    { length: 30 },
    (_, n) =>
      `${1_795_600_800 + n * 10}.100 "POST /v1/responses HTTP/1.1" 400 0.050 ${n}\n${1_795_600_801 + n * 10}.100 "POST /v1/responses HTTP/1.1" 400 0.050 ${n}`,
  );
  const found = statuses(lines.join('\n'), { logFormat: format, marker: { in: 'header', name: 'x-call' } });
  expect(found['retries-non-retryable']).toBe('inconclusive');
  expect(found['layered-retries']).toBe('not-applicable');
});
