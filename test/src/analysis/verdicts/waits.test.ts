import { describe, expect, it } from 'vitest';
import { backoffShape } from '../../../../src/analysis/verdicts/backoff-shape.ts';
import { clockSkewedRetryAfter } from '../../../../src/analysis/verdicts/clock-skewed-retry-after.ts';
import { fixedInterval } from '../../../../src/analysis/verdicts/fixed-interval.ts';
import { misreadsRetryAfter } from '../../../../src/analysis/verdicts/misreads-retry-after.ts';
import { noJitter } from '../../../../src/analysis/verdicts/no-jitter.ts';
import { overWaits } from '../../../../src/analysis/verdicts/over-waits.ts';
import { retriesTooEarly } from '../../../../src/analysis/verdicts/retries-too-early.ts';
import { header, repeated, requestLimit, runOf, strip } from '../strip.ts';

const virtual = header(undefined, { time: 'virtual' });
const run = (text: string, copies = 1, everyMs = 60_000) =>
  runOf(copies === 1 ? strip(text) : repeated(text, copies, everyMs), { head: { ...virtual, time: 'virtual' } });

/** Attempts of one call after waits of these lengths; every attempt except the last is refused. */
function waits(name: string, gapsMs: readonly number[], last = '200'): string {
  let atMs = 0;
  const lines = gapsMs.map((gap, index) => {
    const line = `${name}.${index + 1} ${atMs}-${atMs + 10} 429`;
    atMs += 10 + gap;
    return line;
  });
  return [...lines, `${name}.${gapsMs.length + 1} ${atMs}-${atMs + 10} ${last}`].join('\n');
}
const many = (count: number, gapsOf: (index: number) => readonly number[]): string =>
  Array.from({ length: count }, (_, index) => waits(`c${index}`, gapsOf(index))).join('\n');

describe('retries-too-early', () => {
  it('backoff.md 3.2: two of three retries came while the bucket was empty', () => {
    const finding = retriesTooEarly.judge(
      run(
        'a.1 0-10 429 admitAt=1000\na.2 210-220 429 admitAt=1000\na.3 620-630 429 admitAt=1000\na.4 1430-1600 200',
        2,
      ),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 4 / 6, n: 6 });
    expect(finding.evidence[0]).toMatchObject({ atUs: 210_000, what: 'retried 790ms before the limit could admit it' });
  });

  it.each([
    ['two of two early', 'a.1 0-10 429 admitAt=1000\na.2 50-60 429 admitAt=1000\na.3 90-99 200', 1, 'fail'],
    ['one early retry', 'a.1 0-10 429 admitAt=1000\na.2 50-60 200', 1, 'fail'],
    ['one early retry, as told', 'a.1 0-10 429 ra=500 admitAt=1000\na.2 511-520 200', 1, 'warn'],
    [
      'retried in time but lost the room',
      'a.1 0-10 429 admitAt=1000\na.2 1001-1010 429 admitAt=2000\na.3 2000-2010 200',
      3,
      'pass',
    ],
    ['1 ms early is within tolerance', 'a.1 0-10 429 admitAt=1000\na.2 999-1010 200', 5, 'pass'],
    ['not retried', 'a.1 0-10 429 admitAt=1000', 5, 'not-applicable'],
    ['refusals that never pass', 'a.1 0-10 429\na.2 50-60 429', 5, 'not-applicable'],
  ])('%s', (_name, text, copies, status) => {
    expect(retriesTooEarly.judge(run(text, copies)).status).toBe(status);
  });

  it('one early of eleven warns by default and passes with a higher bound', () => {
    const text = `${waits('a', [50])}\n`.replace('0-10 429', '0-10 429 admitAt=500');
    const calm = Array.from({ length: 10 }, (_, n) => `b${n}.1 0-10 429 admitAt=500\nb${n}.2 600-610 200`).join('\n');
    expect(retriesTooEarly.judge(run(text + calm))).toMatchObject({ status: 'warn', figure: 1 / 11 });
    expect(retriesTooEarly.judge(run(text + calm), { warn: '10%' })).toMatchObject({
      status: 'pass',
      threshold: 'warn > 10 %, fail > 20 % of retries',
      evidence: [],
      advice: '',
    });
  });
});

describe('misreads-retry-after', () => {
  it('backoff.md 3.3: a text is retried at once, a duration read as seconds', () => {
    const finding = misreadsRetryAfter.judge(
      run(`
        a.1 0-10 429 raw=soon
        a.2 15-25 429 raw=soon
        a.3 29-40 429
        b.1 0-10 429 raw=6m0s
        b.2 6010-6030 200
      `),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 3, n: 3 });
    expect(finding.reason).toBe(
      '3 of 3 waits misread Retry-After. text: 2 retried at once; duration: 1 leading digits only.',
    );
    expect(finding.evidence[0]!.what).toBe('Retry-After "soon", retried after 5ms');
  });

  it.each([
    ['a text, own backoff', 'a.1 0-10 429 raw=soon\na.2 510-520 429 raw=soon\na.3 1520-1530 200', 'pass'],
    ['a past date, at once', 'a.1 0-10 429 raw=Thu,_01_Jan_2026_00:00:00_GMT ra=0\na.2 11-20 200', 'fail'],
    [
      'a past date, now and then at once, as around an SDK',
      'a.1 0-10 429 raw=Thu,_01_Jan_2026_00:00:00_GMT ra=0\na.2 510-520 429 raw=Thu,_01_Jan_2026_00:00:00_GMT ra=0\na.3 1510-1520 429 raw=Thu,_01_Jan_2026_00:00:01_GMT ra=0\na.4 1521-1530 200',
      'pass',
    ],
    ['zero, at once (valid)', 'a.1 0-10 429 raw=0 ra=0\na.2 11-20 200', 'pass'],
    ['a fraction, obeyed', 'a.1 0-10 429 raw=1.5 ra=1500\na.2 1510-1520 200', 'pass'],
    ['a fraction, truncated', 'a.1 0-10 429 raw=1.5 ra=1500\na.2 1010-1020 200', 'fail'],
    [
      'a negative number, less than half of its own backoff',
      `${waits('o', [1000])}\na.1 0-10 429 raw=-1\na.2 310-320 200`,
      'fail',
    ],
    ['a negative number, own backoff', `${waits('o', [1000])}\na.1 0-10 429 raw=-1\na.2 1010-1020 200`, 'pass'],
    [
      'whole seconds that look like a year',
      `${waits('o', [1000])}\na.1 0-10 429 raw=2026\na.2 60010-60020 200`,
      'not-applicable',
    ],
    ['a text, waited far too long', `${waits('o', [1000])}\na.1 0-10 429 raw=later\na.2 60010-60020 200`, 'fail'],
    ['whole seconds only', 'a.1 0-10 429 ra=1000 raw=1\na.2 11-20 200', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(misreadsRetryAfter.judge(run(text)).status).toBe(status);
  });
});

describe('fixed-interval', () => {
  it('backoff.md 3.4: three calls that always wait 1 s', () => {
    const finding = fixedInterval.judge(run(many(3, () => [1000, 1000])));
    expect(finding).toMatchObject({ status: 'fail', figure: 1, n: 3, needed: 1 });
    expect(finding.reason).toBe('Waits do not grow (3 calls): 1s, 1s.');
  });

  it.each([
    ['ten equal calls without growth', 10, () => [1000, 1000], 'fail'],
    ['doubling', 3, () => [500, 1000, 2000], 'pass'],
    ['one call', 1, () => [1000, 1000], 'fail'],
    ['equal jitter, no growth, ten calls', 10, (n: number) => [500 + 50 * n, 950 - 50 * n], 'warn'],
    ['equal jitter, nine calls', 9, (n: number) => [500 + 60 * n, 980 - 60 * n], 'inconclusive'],
    ['full jitter, two waits, twenty calls', 20, (n: number) => [50 * n, 1000 - 50 * n], 'inconclusive'],
    ['one wait per call', 10, () => [1000], 'not-applicable'],
  ])('%s', (_name, count, gapsOf, status) => {
    expect(fixedInterval.judge(run(many(count, gapsOf))).status).toBe(status);
  });

  it('waits that Retry-After explains do not count', () => {
    const text = 'a.1 0-10 429 ra=1000\na.2 1010-1020 429 ra=1000\na.3 2020-2030 200';
    expect(fixedInterval.judge(run(text, 5)).status).toBe('not-applicable');
    expect(fixedInterval.judge(run(text.replaceAll(' ra=1000', ''), 5)).status).toBe('fail');
  });

  it('reports an interval for the growth', () => {
    const { figure, interval } = fixedInterval.judge(run(many(30, (n) => [500 + 8 * n, 1000 + ((n * 37) % 30) * 16])));
    expect(interval!.low).toBeLessThan(figure!);
    expect(interval!.high).toBeGreaterThan(figure!);
    expect(interval!.high - interval!.low).toBeLessThan(0.4);
  });
});

describe('no-jitter', () => {
  it('backoff.md 3.5: ten calls that wait 2 s', () => {
    const finding = noJitter.judge(run(many(10, () => [2000])));
    expect(finding).toMatchObject({ status: 'fail', figure: 0, n: 10, needed: 10, unit: 'variation of waits' });
    expect(finding.reason).toBe('10 waits before the same retry were all about 2s (variation 0).');
    expect(noJitter.judge(run(many(3, () => [2000])))).toMatchObject({ status: 'inconclusive', n: 3 });
  });

  it.each([
    ['jitter of a quarter, as in SDKs', (n: number) => [375 + 12 * n], 'pass', /part of the wait/],
    ['full jitter', (n: number) => [10 + 90 * n], 'pass', /the full wait/],
    ['ignores one late timer', (n: number) => [n === 4 ? 3000 : 1000], 'fail', /all about 1s/],
    ['growing but equal waits', () => [500, 1000, 2000], 'fail', /all about 500ms/],
  ])('%s', (_name, gapsOf, status, reason) => {
    const finding = noJitter.judge(run(many(10, gapsOf)));
    expect(finding.status).toBe(status);
    expect(finding.reason).toMatch(reason);
  });

  it('is inconclusive if timers are too late', () => {
    const late = strip(many(10, () => [200])).map((record) =>
      record.type === 'call' ? { ...record, scheduledUs: record.startUs - 20_000 } : record,
    );
    expect(noJitter.judge(runOf(late))).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringMatching(/1.5 %/),
    });
  });
});

describe('a client that backs off after refusals and retries server errors at once', () => {
  const refused = many(12, () => [1000, 2000]);
  const failed = many(12, () => [0, 0])
    .replaceAll('429', '500')
    .replaceAll('c', 'd');
  const both = run(`${refused}\n${failed}`);

  it('has no jitter, although all waits together range from 0 to 2 s', () => {
    const finding = noJitter.judge(both);
    expect(finding).toMatchObject({ status: 'fail', n: 12 });
    expect(finding.reason).toMatch(/^After (refusals|server errors): 12 waits before the same retry were all about/);
  });

  it('reports the worse cause: growth after refusals, none after server errors', () => {
    const finding = fixedInterval.judge(both);
    expect(finding.status).toBe('fail');
    expect(finding.reason).toBe('After server errors: No wait before retries (12 calls): 0s, 0s.');
    expect(fixedInterval.judge(run(refused))).toMatchObject({
      status: 'pass',
      reason: expect.not.stringMatching('After'),
    });
  });

  it('describes the more frequent cause', () => {
    expect(backoffShape.judge(run(`${refused}\n${waits('e', [10]).replace('429', '500')}`)).reason).toMatch(
      /^Backoff after refusals: 1s, 2s; × 2/,
    );
  });

  it('an inconclusive cause does not hide the other', () => {
    const few = waits('e', [10, 7]).replaceAll('429', '500');
    expect(fixedInterval.judge(run(`${refused}\n${few}`))).toMatchObject({ status: 'pass', n: 12 });
    expect(noJitter.judge(run(`${many(12, (n) => [500 + 100 * n])}\n${few}`)).status).toBe('pass');
  });
});

describe('over-waits', () => {
  const text = 'a.1 0-10 429 ra=1000 admitAt=1010\na.2 30010-30200 200';

  it('backoff.md 3.28, five times: 30 × Retry-After', () => {
    const finding = overWaits.judge(run(text, 5));
    expect(finding).toMatchObject({ status: 'warn', figure: 30 });
    expect(finding.evidence[0]!.what).toBe('waited 30s, needed 1s');
  });

  it.each([
    ['one wait', text, 1, 'warn'],
    ['120 × and 2 m', text.replace('30010-30200', '120010-120200'), 5, 'fail'],
    ['8 s too long', text.replace('30010-30200', '9010-9200'), 5, 'pass'],
    ['not retried', 'a.1 0-10 429 ra=1000 admitAt=1010', 5, 'not-applicable'],
  ])('%s', (_name, strips, copies, status) => {
    expect(overWaits.judge(run(strips, copies, 600_000)).status).toBe(status);
  });

  it('waits as long as all open calls need', () => {
    const crowd = Array.from(
      { length: 100 },
      (_, n) => `c${n}.1 0-10 429 admitAt=1000\nc${n}.2 ${15_000 + n}-15200 200`,
    );
    const slow = { ...header([requestLimit(5, 5)]), time: 'virtual' as const };
    expect(overWaits.judge(runOf(strip(crowd.join('\n')), { head: slow })).status).toBe('pass');
    const fast = { ...header([requestLimit(500, 5)]), time: 'virtual' as const };
    expect(overWaits.judge(runOf(strip(crowd.join('\n')), { head: fast })).status).toBe('warn');
  });
});

describe('clock-skewed-retry-after', () => {
  it('backoff.md 3.26: an immediate retry instead of 4 s', () => {
    const finding = clockSkewedRetryAfter.judge(
      run(`
        a.1 0-10 429 raw=Wed,_31_Dec_2025_23:59:34_GMT ra=4000 skew=-30000
        a.2 15-25 429 raw=Wed,_31_Dec_2025_23:59:34_GMT ra=4000 skew=-30000
      `),
    );
    expect(finding.status).toBe('fail');
    expect(finding.evidence[0]!.what).toBe('clock 30s behind, requested wait 4s, retried after 5ms');
  });

  const dated = (name: string, skewMs: number, gapMs: number): string =>
    `${name}.1 0-10 429 raw=Thu,_01_Jan_2026_00:00:04_GMT ra=4000 skew=${skewMs}\n${name}.2 ${10 + gapMs}-${20 + gapMs} 200\n`;

  it('warns if waits follow the skew, passes if they follow the requested wait', () => {
    const follows =
      dated('a', 30_000, 34_000) + dated('b', 30_000, 34_000) + dated('c', 2000, 6000) + dated('d', 2000, 6000);
    expect(clockSkewedRetryAfter.judge(run(follows))).toMatchObject({ status: 'fail', figure: 1 });
    const right =
      dated('a', 30_000, 4000) + dated('b', 30_000, 4500) + dated('c', -30_000, 4000) + dated('d', -30_000, 4000);
    expect(clockSkewedRetryAfter.judge(run(right))).toMatchObject({ status: 'pass', figure: 0 });
  });

  it('does not apply to a client that retries at once after every date', () => {
    const atOnce = dated('a', -40_000, 1) + dated('b', -40_000, 1) + dated('c', 30_000, 1) + dated('d', 30_000, 1);
    expect(clockSkewedRetryAfter.judge(run(atOnce)).status).toBe('not-applicable');
    const behindOnly = dated('a', -40_000, 1) + dated('b', -40_000, 1) + dated('c', 30_000, 34_000);
    expect(clockSkewedRetryAfter.judge(run(behindOnly)).status).toBe('fail');
  });

  it('does not apply to random waits, of which some are short', () => {
    const gaps = [40, 700, 1500, 300, 900].map((gap, n) => dated(`a${n}`, -40_000, gap) + dated(`b${n}`, 30_000, gap));
    expect(clockSkewedRetryAfter.judge(run(gaps.join(''))).status).toBe('not-applicable');
  });

  it('needs two skews on a machine clock, and does not apply without one', () => {
    const once = strip(dated('a', 30_000, 4000));
    expect(clockSkewedRetryAfter.judge(runOf(once)).status).toBe('inconclusive');
    expect(clockSkewedRetryAfter.judge(run(dated('a', 30_000, 4000))).status).toBe('pass');
    expect(clockSkewedRetryAfter.judge(run(waits('a', [1000]))).status).toBe('not-applicable');
  });
});

describe('backoff-shape', () => {
  it('reports first wait, growth, cap and jitter', () => {
    const { status, reason } = backoffShape.judge(run(many(20, () => [500, 1000, 2000, 4000, 4000, 4000])));
    expect(status).toBe('pass');
    expect(reason).toMatch(/^Backoff: 500ms, 1s, 2s, 4s, 4s, …; × 2 .*; cap about 4s; no jitter\.$/);
  });

  it('reports what it could not observe', () => {
    expect(backoffShape.judge(run(many(3, () => [500, 1000]))).reason).toMatch(/too few waits per call to see a cap/);
    expect(backoffShape.judge(run(many(3, () => [500, 1000, 2000]))).reason).toMatch(/no cap reached/);
    expect(backoffShape.judge(run('a.1 0-10 200')).status).toBe('not-applicable');
  });

  it('finds the cap of waits with full jitter', () => {
    const drawn = (n: number) =>
      [500, 1000, 1000, 1000].map((most, k) => Math.round((most * (((n * 7 + k * 5) % 20) + 0.5)) / 20));
    expect(backoffShape.judge(run(many(20, drawn))).reason).toMatch(/cap about (0.9s|1s|1.1s); full jitter/);
  });
});
