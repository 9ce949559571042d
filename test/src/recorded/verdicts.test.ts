import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import { JUDGES } from '../../../src/analysis/judging/judge-run.ts';
import { NEEDS } from '../../../src/analysis/judging/recorded-facts.ts';
import type { VerdictStatus } from '../../../src/analysis/judging/verdict.ts';
import { harStrip, type read, runOf, sample } from './traffic.ts';

const statuses = (text: string, options: Parameters<typeof read>[1] = {}): Record<string, VerdictStatus> =>
  Object.fromEntries(analyse(runOf(text, options)).verdicts.map(({ id, status }) => [id, status]));

const NEVER = [
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

it('every verdict says what it needs of a recording', () => {
  expect(Object.keys(NEEDS).sort()).toEqual(JUDGES.map(({ id }) => id).sort());
});

/** Thirty calls refused at once that all come back after just 1 s, three times, whatever they are told, and fail. */
const stubborn = harStrip(
  Array.from({ length: 30 }, (_, call) =>
    [0, 1, 2, 3].map((n) => `${n * 1020}-${n * 1020 + 20} 429 ra=${2 + n} rc=${n} body=${call}`).join('\n'),
  ).join('\n') + '\n60000-60100 200 rc=0 body=last',
);

describe('a client that ignores what it is told, recorded whole', () => {
  const found = statuses(stubborn);

  it('is found out by what a HAR tells', () => {
    expect(found).toMatchObject({ 'ignores-retry-after': 'fail', 'amplifies-load': 'fail', 'layered-retries': 'pass' });
  });

  it('no verdict on the quota or on callers is guessed', () => {
    for (const id of NEVER) expect([id, found[id]]).toEqual([id, 'not-applicable']);
  });

  it('calls that come back together are no herd unless the quota is known: it may have room for them', () => {
    const herd = analyse(runOf(stubborn)).verdicts.find(({ id }) => id === 'synchronised-herd')!;
    expect(herd).toMatchObject({ status: 'inconclusive', reason: expect.stringContaining('30 came back within') });
  });
});

describe('a log by the second', () => {
  const format = '[$time_local] "$request" $status $request_time "$sent_http_retry_after" $http_idempotency_key';
  const line = (atS: number, status: number, call: number, told: string): string => {
    const time = [Math.floor(atS / 60), atS % 60].map((part) => String(part).padStart(2, '0')).join(':');
    return `[25/Nov/2026:10:${time} +0000] "POST /v1/responses HTTP/1.1" ${status} 0.010 "${told}" ${call}`;
  };
  /** Forty calls that come back a second after each refusal. */
  const log = (told: string): string =>
    Array.from({ length: 40 }, (_, call) =>
      [
        line(call * 20, 429, call, told),
        line(call * 20 + 1, 429, call, told),
        line(call * 20 + 2, 200, call, '-'),
      ].join('\n'),
    ).join('\n');

  it('waits that look equal may not have been', () => {
    const found = statuses(log('-'), { logFormat: format });
    expect(found).toMatchObject({ 'no-jitter': 'inconclusive', 'backoff-shape': 'inconclusive' });
    expect(found['fixed-interval']).not.toMatch(/pass|warn|fail/);
  });

  it('told 2 s, a second by the log may have been nearly two; told 9 s, it was not nine', () => {
    expect(statuses(log('2'), { logFormat: format })['ignores-retry-after']).not.toMatch(/warn|fail/);
    expect(statuses(log('9'), { logFormat: format })['ignores-retry-after']).toBe('fail');
  });
});

describe('where attempts cannot be joined', () => {
  it('nothing is said about calls', () => {
    const found = statuses(sample('access.log'));
    for (const { id } of JUDGES) expect([id, found[id]]).not.toEqual([id, expect.stringMatching(/^(pass|fail|warn)$/)]);
  });

  it('up to five in a hundred do not matter', () => {
    const calls = Array.from({ length: 40 }, (_, n) => `${n * 1000}-${n * 1000 + 100} 200 rc=0 body=${n}`).join('\n');
    expect(statuses(`${harStrip(`${calls}\n50000-50100 200 rc=1 body=x`)}`)['hides-retries']).toBe('pass');
    const lost = [1, 2, 3].map((n) => `${50000 + n}-50100 200 rc=1 body=lost${n}`).join('\n');
    expect(statuses(harStrip(`${calls}\n${lost}`))['hides-retries']).toBe('inconclusive');
  });
});

it('calls whose inside cannot be seen pass nothing that is about attempts', () => {
  const found = statuses(sample('spans.json'));
  for (const id of ['amplifies-load', 'unbounded-retries', 'retries-non-retryable', 'no-jitter', 'hides-retries']) {
    expect([id, found[id]]).toEqual([id, 'inconclusive']);
  }
});

it('no body, no key: a repeat is not called the same, nor said to have no key', () => {
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
