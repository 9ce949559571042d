import { describe, expect, it } from 'vitest';
import { amplifiesLoad } from '../../../../src/analysis/verdicts/amplifies-load.ts';
import { givesUpEarly } from '../../../../src/analysis/verdicts/gives-up-early.ts';
import { ignoresRetryAfter } from '../../../../src/analysis/verdicts/ignores-retry-after.ts';
import { synchronisedHerd } from '../../../../src/analysis/verdicts/synchronised-herd.ts';
import type { AttemptRecord } from '../../../../src/journal/call-records.ts';
import { header, repeated, requestLimit, runOf, strip } from '../strip.ts';

const nothingRefused = runOf(strip('a.1 0-300 200\nb.1 10-300 200'));

describe('ignores-retry-after', () => {
  it('backoff.md 3.1: two of three retries came early', () => {
    const finding = ignoresRetryAfter.judge(
      runOf(
        strip(`
          a.1 0-20 429 ra=2000
          a.2 520-540 429 ra=2000
          a.3 1520-1700 200
          b.1 0-20 429 ra=1000
          b.2 1021-1200 200
        `),
      ),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 2 / 3, n: 3 });
    expect(finding.evidence.map(({ what }) => what)).toEqual([
      'requested wait 2s, retried after 500ms',
      'requested wait 2s, retried after 980ms',
    ]);
    expect(finding.reason).toBe('2 of 3 retries came earlier than Retry-After. Shortest ignored wait: 2s.');
  });

  it.each([
    [
      'obeys waits of several lengths',
      'a.1 0-10 429 ra=1000\na.2 1010-1020 429 ra=2000\na.3 3020-3030 429 ra=3000\na.4 6031-6040 200',
      'pass',
    ],
    [
      'obeys, but every requested wait was 1 s',
      'a.1 0-10 429 ra=1000\na.2 1010-1020 429 ra=1000\na.3 2020-2030 429 ra=1000\na.4 3030-3040 200',
      'pass',
    ],
    ['obeys twice', 'a.1 0-10 429 ra=1000\na.2 1010-1020 429 ra=2000\na.3 3020-3030 200', 'pass'],
    ['sent before the refusal arrived: no answer to it', 'a.1 0-100 429 ra=1000\na.2 50-60 200', 'not-applicable'],
    [
      'early within the timer tolerance',
      'a.1 0-10 429 ra=1000\na.2 1005-1020 429 ra=2000\na.3 3015-3030 429 ra=3000\na.4 6030-6040 200',
      'pass',
    ],
    [
      'one early retry in eleven',
      `${Array.from({ length: 10 }, (_, n) => `a.${n + 1} ${n * 5000}-${n * 5000 + 10} 429 ra=${1000 + n}`).join('\n')}\na.11 50000-50010 429 ra=9000\na.12 50100-50200 200`,
      'warn',
    ],
    ['no Retry-After', 'a.1 0-10 429\na.2 500-600 200', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(ignoresRetryAfter.judge(runOf(strip(text))).status).toBe(status);
  });

  it('does not apply without refusals', () => {
    expect(ignoresRetryAfter.judge(nothingRefused)).toMatchObject({
      status: 'not-applicable',
      reason: 'No request was refused.',
    });
  });

  it('is inconclusive if attempts cannot be attributed to calls', () => {
    const records = strip('a.1 0-10 429 ra=2000\na.2 500-600 200').map((record) =>
      record.type === 'attempt' ? ({ ...record, call: null, joinedBy: 'none' } satisfies AttemptRecord) : record,
    );
    expect(ignoresRetryAfter.judge(runOf(records))).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringMatching(/^2 of 2 attempts could not/),
    });
  });
});

describe('amplifies-load', () => {
  const fourAttempts = 'a.1 0-10 429\na.2 500-510 429\na.3 1500-1510 429\na.4 3500-3700 200';

  it('backoff.md 3.11, 20 calls: four attempts per call', () => {
    const finding = amplifiesLoad.judge(runOf(repeated(fourAttempts, 20, 10_000)));
    expect(finding).toMatchObject({ status: 'fail', figure: 4, n: 20 });
    expect(finding.evidence[0]).toMatchObject({ call: 1, attempt: 4, what: 'attempt 4 of its call, which succeeded' });
    expect(finding.evidence.length).toBe(10);
  });

  it.each([
    ['one call on a machine proves nothing', 1, fourAttempts, 'warn'],
    ['two calls with four attempts each', 2, fourAttempts, 'fail'],
    ['three attempts per call', 20, 'a.1 0-10 429\na.2 500-510 429\na.3 1500-1510 200', 'warn'],
    ['two attempts per call', 20, 'a.1 0-10 429\na.2 500-510 200', 'pass'],
    ['no refusals', 20, 'a.1 0-10 200', 'not-applicable'],
    [
      'four attempts, each ended by its own timeout',
      20,
      'a.1 0-10 timeout\na.2 500-510 timeout\na.3 1500-1510 timeout\na.4 3500-3510 timeout',
      'fail',
    ],
    [
      'four attempts at a request that stays wrong',
      20,
      'a.1 0-10 400\na.2 500-510 400\na.3 1500-1510 400\na.4 3500-3510 400',
      'fail',
    ],
  ])('%s', (_name, times, text, status) => {
    expect(amplifiesLoad.judge(runOf(repeated(text, times, 10_000))).status).toBe(status);
  });

  it('one call is enough in exact time, and a minimum that the scenario sets says what was found so far', () => {
    const run = runOf(strip(fourAttempts), { head: { ...header(), time: 'virtual' } });
    expect(amplifiesLoad.judge(run)).toMatchObject({ status: 'fail', figure: 4, n: 1 });
    expect(amplifiesLoad.judge(run, { calls: 20 })).toMatchObject({
      status: 'inconclusive',
      figure: 4,
      reason: expect.stringContaining('So far: 4 attempts per call'),
    });
  });

  it('a short retry storm fails a calm run', () => {
    const storm = Array.from(
      { length: 12 },
      (_, n) => `s.${n + 1} ${n * 100}-${n * 100 + 1} ${n < 11 ? 429 : 200}`,
    ).join('\n');
    const calm = repeated('a.1 0-10 200', 200, 1000).map((record) => ({
      ...record,
      id: record.id + 1000,
      ...(record.type === 'attempt' && { call: record.call! + 1000 }),
      startUs: record.startUs + 60e6,
      endUs: record.endUs + 60e6,
    }));
    const finding = amplifiesLoad.judge(runOf([...strip(storm), ...(calm as ReturnType<typeof strip>)]));
    expect(finding).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('12 in the worst 10 s, from 0s on'),
    });
    expect(finding.figure).toBeLessThan(1.1);
  });
});

describe('synchronised-herd', () => {
  /** Calls refused within 20 ms that retry after `waitMs`. */
  const cohort = (callers: number, waitMs: (caller: number) => number, atMs = 0): string =>
    Array.from({ length: callers }, (_, caller) => {
      const refusedMs = atMs + caller;
      const backMs = refusedMs + 5 + waitMs(caller);
      return `c${atMs}x${caller}.1 ${refusedMs}-${refusedMs + 5} 429 ra=1000\nc${atMs}x${caller}.2 ${backMs}-${backMs + 5} ${caller === 0 ? 200 : 429} before=0`;
    }).join('\n');
  const head = header([requestLimit(10, 10)]);
  const judge = (text: string) => synchronisedHerd.judge(runOf(strip(text), { head }));

  it('backoff.md 3.6: twenty calls obey exactly and retry together', () => {
    const finding = judge(cohort(20, () => 1000));
    expect(finding).toMatchObject({ status: 'fail', figure: 20, n: 1 });
    expect(finding.evidence[0]?.what).toBe('refused at 5ms, retried after 1s with 19 others');
  });

  it.each([
    ['one herd of nine', cohort(9, () => 1000), 'warn'],
    ['two herds of nine', `${cohort(9, () => 1000)}\n${cohort(9, () => 1000, 60_000)}`, 'fail'],
    ['twenty calls spread over 2 s', cohort(20, (caller) => 1000 + caller * 100), 'pass'],
    ['seven calls are too few', cohort(7, () => 1000), 'inconclusive'],
  ])('%s', (_name, text, status) => {
    expect(judge(text).status).toBe(status);
  });

  it.each([0, 100, 150, 200, 300])(
    'a herd keeps its shape: sixty calls refused over %i ms that wait exactly 1 s',
    (spreadMs) => {
      const spread = Array.from({ length: 60 }, (_, caller) => {
        const atMs = Math.round((caller * spreadMs) / 60);
        return `c${caller}.1 ${atMs}-${atMs + 5} 429\nc${caller}.2 ${atMs + 1005}-${atMs + 1010} ${caller === 0 ? 200 : 429} before=0`;
      }).join('\n');
      expect(judge(spread)).toMatchObject({ status: 'fail', n: 1 });
    },
  );

  it('waits that end together, as each was told its own', () => {
    const told = Array.from({ length: 20 }, (_, caller) => {
      const [atMs, waitMs] = [caller * 20, 1000 - caller * 20];
      return `c${caller}.1 ${atMs}-${atMs + 5} 429 ra=${waitMs}\nc${caller}.2 ${atMs + 5 + waitMs}-${atMs + 10 + waitMs} 429 before=0`;
    }).join('\n');
    expect(judge(told).status).toBe('fail');
  });

  it('passes if the quota has room for all', () => {
    const roomy = cohort(20, () => 1000).replaceAll('before=0', 'before=20');
    expect(judge(roomy)).toMatchObject({ status: 'pass' });
  });

  it('does not apply without retries', () => {
    expect(synchronisedHerd.judge(nothingRefused).status).toBe('not-applicable');
  });
});

describe('gives-up-early', () => {
  const head = header([requestLimit(1, 1)]);
  const judge = (text: string) => givesUpEarly.judge(runOf(strip(text), { head }));
  /** The bucket is emptied at 0; these calls then try three times within 90 ms and give up. */
  const givingUp = (callers: number): string =>
    `z.1 0-5 200\n${Array.from({ length: callers }, (_, n) => `g${n}.1 ${n}-10 429\ng${n}.2 40-50 429\ng${n}.3 80-90 429`).join('\n')}`;

  it('backoff.md 3.9, five calls: all recoverable, one per second', () => {
    const finding = judge(givingUp(5));
    expect(finding).toMatchObject({ status: 'fail', figure: 5 / 6, n: 5 });
    expect(finding.evidence.map(({ what }) => what)).toEqual([
      'gave up after 90ms, at attempt 3; the quota could have admitted it 910ms later',
      ...[1910, 2910, 3910, 4910].map(
        (ms, index) =>
          `gave up after ${89 - index}ms, at attempt 3; the quota could have admitted it ${ms / 1000}s later`,
      ),
    ]);
  });

  it('two failures are a share of the calls like any other', () => {
    expect(judge(givingUp(2)).status).toBe('fail');
    const many = Array.from({ length: 300 }, (_, n) => `h${n}.1 ${10_000 + n * 1000}-${10_005 + n * 1000} 200`).join(
      '\n',
    );
    expect(judge(`${givingUp(2)}\n${many}`).status).toBe('pass');
  });

  it('failed calls are not recoverable if others use the quota for a minute', () => {
    const busy = Array.from({ length: 70 }, (_, n) => `b${n}.1 ${(n + 1) * 1000}-${(n + 1) * 1000 + 5} 200`).join('\n');
    const finding = judge(`${givingUp(5)}\n${busy}`);
    expect(finding).toMatchObject({
      status: 'pass',
      figure: 0,
      reason: expect.stringContaining('the quota could not have admitted any of them in time'),
    });
  });

  it('only as many calls are recoverable as the minute has room for', () => {
    const finding = judge(givingUp(100));
    // One per second from 1 s on, until 60 s after the start.
    expect(finding.figure).toBe(60 / 101);
  });

  it('calls that failed for a different reason do not count', () => {
    expect(judge('z.1 0-5 429\nz.2 2000-2005 200\na.1 3000-3005 500\n=> a error')).toMatchObject({
      status: 'pass',
      figure: 0,
      n: 0,
    });
  });
});
