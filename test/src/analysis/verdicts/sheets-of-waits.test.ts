import { describe } from 'vitest';
import { backoffShape } from '../../../../src/analysis/verdicts/backoff-shape.ts';
import { clockSkewedRetryAfter } from '../../../../src/analysis/verdicts/clock-skewed-retry-after.ts';
import { fixedInterval } from '../../../../src/analysis/verdicts/fixed-interval.ts';
import { ignoresRetryAfter } from '../../../../src/analysis/verdicts/ignores-retry-after.ts';
import { misreadsRetryAfter } from '../../../../src/analysis/verdicts/misreads-retry-after.ts';
import { noJitter } from '../../../../src/analysis/verdicts/no-jitter.ts';
import { overWaits } from '../../../../src/analysis/verdicts/over-waits.ts';
import { retriesTooEarly } from '../../../../src/analysis/verdicts/retries-too-early.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';
import { expectSheet } from './sheet.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string) => runOf(strip(text), { head });
const many = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join('\n');

/** A call that is refused once, with these marks, and retries after `gapMs`. */
const refusedOnce = (name: string, gapMs: number, marks: string, fromMs = 0): string =>
  `${name}.1 ${fromMs}-${fromMs + 10} 429 ${marks}\n${name}.2 ${fromMs + 10 + gapMs}-${fromMs + 20 + gapMs} 200`;
/** A call that waits `gapsMs` before its retries; every attempt except the last is refused. */
const waits = (name: string, gapsMs: readonly number[]): string => {
  const at = (n: number): number => gapsMs.slice(0, n).reduce((sum, gap) => sum + Math.round(gap) + 10, 0);
  return many(gapsMs.length + 1, (n) => `${name}.${n + 1} ${at(n)}-${at(n) + 10} ${n < gapsMs.length ? 429 : 200}`);
};
const alike = (count: number, gapsOf: (n: number) => readonly number[]): string =>
  many(count, (n) => waits(`c${n}`, gapsOf(n)));

describe('verdicts on waits', () => {
  const obeyed = (
    count: number,
    extraMs: (n: number) => number = () => 0,
    requestedMs = (n: number) => 1000 + 100 * n,
  ) => many(count, (n) => refusedOnce(`o${n}`, requestedMs(n) + extraMs(n), `ra=${requestedMs(n)}`));
  expectSheet(ignoresRetryAfter, [
    [
      'twelve early retries, three obeyed shorter waits, one a longer wait',
      'fail',
      run(
        `${many(12, (n) => refusedOnce(`e${n}`, n === 7 ? 100 : 500, `ra=${2000 + 100 * n}`))}\n${obeyed(3)}\n${refusedOnce('l', 9000, 'ra=9000')}`,
      ),
    ],
    [
      'two early, no wait obeyed',
      'fail',
      run(`${refusedOnce('a', 500, 'ra=1000')}\n${refusedOnce('b', 500, 'ra=1000')}`),
    ],
    ['retried before the refusal arrived', 'not-applicable', run('a.1 0-100 429 ra=1000\na.2 50-60 200')],
    ['two of twenty early', 'fail', run(`${many(2, (n) => refusedOnce(`e${n}`, 500, 'ra=5000'))}\n${obeyed(18)}`)],
    ['two of twenty-one early', 'fail', run(`${many(2, (n) => refusedOnce(`e${n}`, 500, 'ra=5000'))}\n${obeyed(19)}`)],
    ['one early', 'fail', run(`${refusedOnce('e', 998, 'ra=1000')}\n${obeyed(2)}`)],
    ['1 ms early is within tolerance', 'pass', run(`${refusedOnce('e', 999, 'ra=1000')}\n${obeyed(3)}`)],
    ['nine retries, exactly on time', 'pass', run(obeyed(9))],
    ['ten retries, exactly on time', 'pass', run(obeyed(10))],
    ['ten retries with jitter of 10 %', 'pass', run(obeyed(10, (n) => (n % 2) * (100 + 10 * n)))],
    ['ten retries, 3 % longer', 'pass', run(obeyed(10, (n) => 30 + 3 * n))],
    ['ten retries, 5 % longer', 'pass', run(obeyed(10, (n) => 50 + 5 * n))],
    ['two retries, two different waits', 'pass', run(obeyed(2))],
    ['three retries, two different waits', 'pass', run(obeyed(3, undefined, (n) => (n === 0 ? 3000 : 2000)))],
    ['five retries, one wait', 'pass', run(obeyed(5, undefined, () => 1000))],
    [
      'one early of three on a machine clock',
      'warn',
      runOf(strip(`${refusedOnce('e', 500, 'ra=1000')}\n${obeyed(2)}`)),
    ],
    ['a fraction, for which a reader of digits waits 1 s', 'fail', run(refusedOnce('f', 1000, 'raw=1.5 ra=1500'))],
    ['a text, which nobody can read', 'not-applicable', run(refusedOnce('f', 5, 'raw=soon'))],
    [
      'Gemini: a client that comes back after 1 s',
      'fail',
      run(refusedOnce('g', 1000, 'raw=60s ra=60000 source=retry-info')),
    ],
    [
      'custom bounds',
      'warn',
      runOf(strip(`${refusedOnce('e', 500, 'ra=1000')}\n${refusedOnce('l', 500, 'ra=1000')}\n${obeyed(3)}`)),
      { failShare: '50%' },
    ],
    [
      'refusals without Retry-After',
      'not-applicable',
      run(`${refusedOnce('a', 500, '')}\n${refusedOnce('b', 500, 'ra=0')}`),
    ],
    ['no refusals', 'not-applicable', run('a.1 0-10 200\na.2 20-30 200')],
  ]);

  expectSheet(retriesTooEarly, [
    [
      'twelve of fourteen early, the earliest last',
      'fail',
      run(
        `${many(12, (n) => refusedOnce(`c${n}`, 500 - 10 * n, 'admitAt=1000'))}\n${refusedOnce('a', 1000, 'admitAt=1000')}\n${refusedOnce('b', 989, 'admitAt=1000')}\n${refusedOnce('x', 5, '')}`,
      ),
    ],
    [
      'one of five early',
      'warn',
      run(`${refusedOnce('e', 500, 'admitAt=1000')}\n${many(4, (n) => refusedOnce(`c${n}`, 1000, 'admitAt=1000'))}`),
    ],
    [
      'one of twenty early',
      'pass',
      run(`${refusedOnce('e', 500, 'admitAt=1000')}\n${many(19, (n) => refusedOnce(`c${n}`, 1000, 'admitAt=1000'))}`),
    ],
    ['all early, as they were told', 'warn', run(many(2, (n) => refusedOnce(`c${n}`, 500, 'ra=500 admitAt=1000')))],
    ['one of one early on a machine clock', 'warn', runOf(strip(refusedOnce('a', 500, 'admitAt=1000')))],
    ['two of two early', 'fail', run(many(2, (n) => refusedOnce(`c${n}`, 500, 'admitAt=1000')))],
    ['one of one early', 'fail', run(refusedOnce('a', 500, 'admitAt=1000'))],
    [
      'three of four early',
      'fail',
      run(`${many(3, (n) => refusedOnce(`c${n}`, 500, 'admitAt=1000'))}\n${refusedOnce('a', 1000, 'admitAt=1000')}`),
    ],
    [
      'custom bounds',
      'warn',
      run(many(4, (n) => refusedOnce(`c${n}`, n * 500, 'admitAt=1000'))),
      { warn: '1%', fail: '50%' },
    ],
    ['refusals that never pass', 'not-applicable', run(refusedOnce('a', 500, ''))],
  ]);

  expectSheet(overWaits, [
    [
      'twelve waits above 2 m, Retry-After of 1 s',
      'fail',
      run(many(12, (n) => refusedOnce(`c${n}`, 120_000 + 1000 * n, 'ra=1000 admitAt=500'))),
    ],
    ['exactly 5 × and 1 m too long', 'warn', run(many(5, (n) => refusedOnce(`c${n}`, 75_000, 'ra=15000 admitAt=500')))],
    ['2 ×, any length', 'pass', run(many(5, (n) => refusedOnce(`c${n}`, 120_000, 'ra=60000 admitAt=500')))],
    ['10 s too long, any multiple', 'pass', run(many(5, (n) => refusedOnce(`c${n}`, 11_000, 'ra=1000 admitAt=500')))],
    ['more than 10 s too long', 'warn', run(many(5, (n) => refusedOnce(`c${n}`, 11_002, 'ra=1000 admitAt=500')))],
    [
      'two of twenty-one',
      'fail',
      run(
        `${many(19, (n) => refusedOnce(`c${n}`, 1000, 'ra=1000 admitAt=500'))}\n${many(2, (n) => refusedOnce(`l${n}`, 90_000, 'ra=1000 admitAt=500'))}`,
      ),
    ],
    [
      'one of twenty-one',
      'fail',
      run(
        `${many(20, (n) => refusedOnce(`c${n}`, 1000, 'ra=1000 admitAt=500'))}\n${refusedOnce('l', 90_000, 'ra=1000 admitAt=500')}`,
      ),
    ],
    ['as long as the limit needed', 'pass', run(many(5, (n) => refusedOnce(`c${n}`, 30_000, 'admitAt=30010')))],
    [
      'no Retry-After and room at once',
      'warn',
      run(many(5, (n) => refusedOnce(`c${n}`, 20_000, 'admitAt=5', n * 50_000))),
    ],
    [
      'as long as the open calls need at a cost of 2',
      'pass',
      runOf(strip(many(100, (n) => refusedOnce(`c${n}`, 40_000, 'admitAt=1000 cost=2'))), {
        head: { ...header([requestLimit(5, 5)]), time: 'virtual' },
      }),
    ],
    [
      'a limit missing from the scenario',
      'warn',
      runOf(strip(many(100, (n) => refusedOnce(`c${n}`, 40_000, 'admitAt=1000'))), {
        head: { ...header([]), time: 'virtual' },
      }),
    ],
    [
      'more than 5 ×, exactly 1 m too long',
      'warn',
      run(many(5, (n) => refusedOnce(`c${n}`, 61_000, 'ra=1000 admitAt=500'))),
    ],
    [
      'more than 1 m too long, less than 5 ×',
      'warn',
      run(many(5, (n) => refusedOnce(`c${n}`, 80_000, 'ra=19000 admitAt=500'))),
    ],
    [
      'measured from the refusal head, longest wait first',
      'warn',
      run(many(20, (n) => `c${n}.1 0-3000 429 ra=1000 admitAt=500\nc${n}.2 ${60_000 - 1000 * n}-70000 200`)),
    ],
    [
      'four waits on a machine clock',
      'inconclusive',
      runOf(strip(many(4, (n) => refusedOnce(`c${n}`, 90_000, 'ra=1000 admitAt=500')))),
    ],
    [
      'as long as the reset of the limit says',
      'pass',
      run(refusedOnce('a', 360_000, 'reset=6m0s resetMs=360000 admitAt=1000')),
    ],
    ['four waits', 'pass', run(many(4, (n) => refusedOnce(`c${n}`, 1000, 'ra=1000 admitAt=500')))],
    [
      'custom bounds',
      'fail',
      run(many(3, (n) => refusedOnce(`c${n}`, 4000, 'ra=1000 admitAt=500'))),
      { warnTimes: 1.5, warnExcess: '1s', failTimes: 3, failExcess: '2s', needed: 3 },
    ],
    ['refusals that never pass', 'not-applicable', run(refusedOnce('a', 500, 'ra=1000'))],
  ]);

  const own = waits('own', [1000]);
  expectSheet(misreadsRetryAfter, [
    [
      'every form of Retry-After',
      'fail',
      run(
        [
          refusedOnce('a', 5, 'raw=soon'),
          refusedOnce('b', 6010, 'raw=6m0s'),
          refusedOnce('c', 1000, 'raw=1.5 ra=1500'),
          refusedOnce('d', 20_000, 'raw=-1'),
          refusedOnce('e', 3, 'raw=Thu,_01_Jan_2026_00:00:04_GMT ra=4000'),
          refusedOnce('f', 1000, 'raw=later'),
          refusedOnce('g', 1500, 'raw=1.5 ra=1500'),
          refusedOnce('z', 2, 'raw=0 ra=0'),
          own,
        ].join('\n'),
      ),
    ],
    ['5 ms is an immediate retry', 'fail', run(refusedOnce('a', 5, 'raw=soon'))],
    ['6 ms may be jitter', 'pass', run(refusedOnce('a', 6, 'raw=soon'))],
    [
      'two short waits are a pattern',
      'fail',
      run(`${refusedOnce('a', 6, 'raw=soon')}\n${refusedOnce('b', 19, 'raw=now')}`),
    ],
    [
      'one short and one longer wait',
      'pass',
      run(`${refusedOnce('a', 6, 'raw=soon')}\n${refusedOnce('b', 100, 'raw=now')}`),
    ],
    [
      'median at a fifth of the bound',
      'pass',
      run(`${refusedOnce('a', 6, 'raw=soon')}\n${refusedOnce('b', 34, 'raw=now')}`),
    ],
    [
      'one of three waits above the bound',
      'pass',
      run(
        `${refusedOnce('a', 6, 'raw=soon')}\n${refusedOnce('b', 7, 'raw=now')}\n${refusedOnce('c', 100, 'raw=then')}`,
      ),
    ],
    ['a text that starts with a number', 'pass', run(refusedOnce('a', 6000, 'raw=6_seconds'))],
    [
      'two forms are judged separately',
      'pass',
      run(`${refusedOnce('a', 6, 'raw=soon')}\n${refusedOnce('b', 7, 'raw=-2')}`),
    ],
    ['half of its own backoff', 'pass', run(`${refusedOnce('a', 499, 'raw=soon')}\n${own}`)],
    ['less than half of its own backoff', 'fail', run(`${refusedOnce('a', 498, 'raw=soon')}\n${own}`)],
    [
      'less than half of a backoff with full jitter',
      'pass',
      run(`${refusedOnce('a', 100, 'raw=soon')}\n${many(8, (n) => waits(`o${n}`, [200 * (n + 1)]))}`),
    ],
    [
      'its own backoff before a different retry',
      'pass',
      run(`b.1 0-10 500\nb.2 110-120 429 raw=soon\nb.3 220-230 200\n${waits('o', [1000])}`),
    ],
    ['10 × its own backoff', 'pass', run(`${refusedOnce('a', 10_000, 'raw=soon')}\n${own}`)],
    ['more than 10 × its own backoff', 'fail', run(`${refusedOnce('a', 10_001, 'raw=soon')}\n${own}`)],
    [
      'fractions read by their leading digits',
      'fail',
      run(`${refusedOnce('a', 1000, 'raw=1.5 ra=1500')}\n${refusedOnce('b', 2000, 'raw=2.9 ra=2900')}`),
    ],
    [
      'seconds read as milliseconds',
      'fail',
      run(`${refusedOnce('a', 20, 'raw=20 ra=20000')}\n${refusedOnce('b', 60, 'raw=60 ra=60000')}`),
    ],
    [
      'milliseconds read as seconds',
      'fail',
      run(`${refusedOnce('a', 1_500_000, 'ra=1500')}\n${refusedOnce('b', 700_000, 'ra=700')}`),
    ],
    [
      'a sign that is lost',
      'fail',
      run(`${refusedOnce('a', 3000, 'raw=-3 ra=0')}\n${refusedOnce('b', 7000, 'raw=-7 ra=0')}`),
    ],
    ['an own pause as long as the sign would have it', 'pass', run(refusedOnce('a', 3000, 'raw=-3 ra=0'))],
    [
      'seconds are obeyed, fractions are not read',
      'fail',
      run(`${refusedOnce('a', 4000, 'raw=4 ra=4000')}\n${refusedOnce('b', 700, 'raw=1.5 ra=1500')}`),
    ],
    ['3.0 looks the same to a reader of leading digits', 'pass', run(refusedOnce('a', 3000, 'raw=3.0 ra=3000'))],
    ['fractions, and a wait of half a minute', 'inconclusive', run(refusedOnce('a', 30_000, 'raw=1.5 ra=1500'))],
    ['RetryInfo of 60s', 'not-applicable', run(refusedOnce('a', 60_200, 'raw=60s ra=60000 source=retry-info'))],
    ['RetryInfo, after 1 s', 'not-applicable', run(refusedOnce('a', 1000, 'raw=60s ra=60000 source=retry-info'))],
    [
      'RetryInfo read as milliseconds',
      'fail',
      run(
        `${refusedOnce('a', 60, 'raw=60s ra=60000 source=retry-info')}\n${refusedOnce('b', 20, 'raw=20s ra=20000 source=retry-info')}`,
      ),
    ],
    [
      'reset durations read by their leading digits',
      'fail',
      run(
        `${refusedOnce('a', 499_000, 'reset=499ms resetMs=499')}\n${refusedOnce('b', 6000, 'reset=6m0s resetMs=360000')}`,
      ),
    ],
    [
      'reset durations, read right',
      'pass',
      run(
        `${refusedOnce('a', 499, 'reset=499ms resetMs=499')}\n${refusedOnce('b', 360_000, 'reset=6m0s resetMs=360000')}`,
      ),
    ],
    [
      'reset durations that nobody reads',
      'not-applicable',
      run(
        `${refusedOnce('a', 500, 'reset=499ms resetMs=499')}\n${refusedOnce('b', 1000, 'reset=6m0s resetMs=360000')}`,
      ),
    ],
    ['a duration read as seconds', 'fail', run(refusedOnce('a', 6120, 'raw=6m0s'))],
    ['almost a duration read as seconds', 'fail', run(refusedOnce('a', 6121, 'raw=6m0s'))],
    ['the first number equals its own backoff', 'fail', run(`${refusedOnce('a', 1000, 'raw=1m0s')}\n${own}`)],
    ['a duration of zero minutes', 'fail', run(`${refusedOnce('a', 6, 'raw=0m6s')}`)],
    ['1 ms before the date', 'pass', run(refusedOnce('a', 3999, 'raw=Thu,_01_Jan_2026_00:00:04_GMT ra=4000'))],
    ['2 ms before the date', 'fail', run(refusedOnce('a', 3998, 'raw=Thu,_01_Jan_2026_00:00:04_GMT ra=4000'))],
    [
      'custom bounds',
      'fail',
      run(`${refusedOnce('a', 30, 'raw=soon')}\n${refusedOnce('b', 90, 'raw=now')}`),
      { tight: '500ms' },
    ],
    ['whole seconds only', 'not-applicable', run(refusedOnce('a', 5, 'raw=10 ra=10000'))],
  ]);

  expectSheet(fixedInterval, [
    ['ten calls with four waits of 1 s', 'fail', run(alike(10, () => [1000, 1000, 1000, 1000]))],
    ['six waits, five shown', 'pass', run(alike(3, () => [100, 200, 400, 800, 1600, 3200]))],
    ['nine calls', 'fail', run(alike(9, () => [1000, 1000]))],
    ['growth of 1.3', 'pass', run(alike(3, () => [1000, 1300, 1690]))],
    ['growth of 1.25, certain', 'pass', run(alike(3, () => [1000, 1250, 1562]))],
    ['growth of 1.05', 'warn', run(alike(3, () => [1000, 1050, 1102]))],
    ['growth of 1.1', 'warn', run(alike(3, () => [1000, 1100, 1210]))],
    ['two calls', 'fail', run(alike(2, () => [1000, 1000]))],
    ['equal jitter: ten calls are needed', 'inconclusive', run(alike(9, (n) => [600 + 80 * n, 1320 - 80 * n]))],
    [
      'full jitter, four waits: twenty calls are needed',
      'inconclusive',
      run(alike(19, (n) => [50 * n, 1000 - 50 * n, 50 * n, 1000 - 50 * n])),
    ],
    ['full jitter, twenty calls with three waits', 'warn', run(alike(20, (n) => [50 * n, 1000 - 50 * n, 50 * n]))],
    [
      'full jitter, ten calls with five waits',
      'warn',
      run(alike(10, (n) => [90 * n, 900 - 90 * n, 90 * n, 900 - 90 * n, 90 * n])),
    ],
    ['full jitter, two waits: fifty calls are needed', 'inconclusive', run(alike(49, (n) => [20 * n, 980 - 20 * n]))],
    ['custom bounds', 'fail', run(alike(3, () => [1000, 1000])), { grows: 2, cohort: 3 }],
    ['one wait per call', 'not-applicable', run(alike(5, () => [1000]))],
  ]);

  expectSheet(noJitter, [
    ['twelve calls that wait 2 s, then 4 s', 'fail', run(alike(12, () => [2000, 4000]))],
    ['partial jitter', 'pass', run(alike(10, (n) => [1000 + 50 * n]))],
    ['full jitter', 'pass', run(alike(10, (n) => [10 + 100 * n]))],
    ['custom bounds', 'fail', run(alike(10, (n) => [1000 + 50 * n])), { fail: 0.5, needed: 5 }],
    ['nine calls are too few', 'inconclusive', run(alike(9, () => [2000]))],
    ['one call', 'inconclusive', run(alike(1, () => [2000]))],
    [
      'timers late by more than 1.5 % of the waits',
      'inconclusive',
      runOf(
        strip(alike(10, () => [200])).map((record) =>
          record.type === 'call' ? { ...record, scheduledUs: record.startUs - 3001 } : record,
        ),
      ),
    ],
    [
      'timers late by 1.5 % of the waits',
      'fail',
      runOf(
        strip(alike(10, () => [200])).map((record) =>
          record.type === 'call' ? { ...record, scheduledUs: record.startUs - 3000 } : record,
        ),
      ),
    ],
    ['Retry-After explains all waits', 'not-applicable', run(refusedOnce('a', 1000, 'ra=1000'))],
  ]);

  const dated = (name: string, skewMs: number, gapMs: number, requestedMs = 4000): string =>
    refusedOnce(name, gapMs, `raw=Thu,_01_Jan_2026_00:00:04_GMT ra=${requestedMs} skew=${skewMs}`);
  const both = (follows: (skewMs: number) => number): string =>
    [-30_000, -30_000, 20_000, 20_000]
      .map((skew, n) => dated(`s${n}`, skew, 40_000 + follows(skew), 40_000))
      .join('\n');
  expectSheet(clockSkewedRetryAfter, [
    ['twelve immediate retries, clock behind', 'fail', run(many(12, (n) => dated(`c${n}`, -30_000, 5 + n)))],
    [
      'before the refusal arrived',
      'not-applicable',
      run('a.1 0-100 429 raw=Thu,_01_Jan_2026_00:00:04_GMT ra=4000 skew=-9000\na.2 50-60 200'),
    ],
    [
      'immediate retries, clock ahead or correct',
      'not-applicable',
      run(`${dated('a', 30_000, 5)}\n${dated('b', 0, 5)}`),
    ],
    ['100 ms counts as a wait', 'not-applicable', run(dated('a', -30_000, 100))],
    ['a requested wait of 1.001 s', 'not-applicable', run(dated('a', -30_000, 5, 1001))],
    ['a requested wait of 1.002 s', 'fail', run(dated('a', -30_000, 5, 1002))],
    ['waits follow the skew', 'fail', run(both((skew) => skew))],
    ['waits follow the negative skew', 'fail', run(both((skew) => -skew))],
    ['waits follow half of the skew', 'pass', run(both((skew) => skew / 2))],
    ['deviation within the resolution of a date', 'pass', run(both((skew) => Math.sign(skew) * 1000))],
    ['custom bounds', 'fail', run(both((skew) => skew / 2)), { warn: 0.4, tight: '1s' }],
    ['waits follow the skew and are longer', 'fail', run(both((skew) => skew + 5000))],
    ['a past date without skew', 'not-applicable', run(refusedOnce('a', 9, 'raw=Thu,_01_Jan_2026_00:00:04_GMT ra=0'))],
    [
      'one skew with one wait',
      'pass',
      run(`${dated('a', 5000, 4000)}\n${dated('b', 5000, 4000)}\n${dated('c', 9000, 4000)}`),
    ],
    [
      'a date without skew, and seconds',
      'not-applicable',
      run(
        `${refusedOnce('a', 4000, 'raw=Thu,_01_Jan_2026_00:00:04_GMT ra=4000')}\n${refusedOnce('b', 4000, 'ra=4000 skew=9')}`,
      ),
    ],
  ]);

  expectSheet(backoffShape, [
    ['doubling up to a cap of 4 s', 'pass', run(alike(20, () => [500, 1000, 2000, 4000, 4000, 4000]))],
    ['a flat step with 20 samples', 'pass', run(alike(20, () => [500, 1000, 1100]))],
    ['a flat step with 19 samples', 'pass', run(alike(19, () => [500, 1000, 1100]))],
    [
      'a flat step with 20 and 19 samples',
      'pass',
      run(`${alike(19, () => [500, 1000, 1100])}\n${waits('x', [500, 1000])}`),
    ],
    ['steps of 1.15', 'pass', run(alike(20, () => [1000, 1150, 1322.5].map(Math.ceil)))],
    ['steps below 1.15', 'pass', run(alike(20, () => [1000, 1140, 1290]))],
    ['no cap', 'pass', run(alike(5, () => [500, 1000, 2000, 4000]))],
    ['two waits', 'pass', run(alike(5, () => [500, 1000]))],
    ['one call', 'pass', run(waits('a', [500, 1000, 2000]))],
    [
      'jitter over a quarter',
      'pass',
      run(
        alike(20, (n) =>
          [500, 1000, 2000, 2000, 2000].map((most, k) => most * (0.75 + 0.25 * (((n * 7 + k * 5) % 20) / 20))),
        ),
      ),
    ],
    [
      'full jitter',
      'pass',
      run(
        alike(20, (n) =>
          [500, 1000, 1000, 1000].map((most, k) => Math.round((most * (((n * 7 + k * 5) % 20) + 0.5)) / 20)),
        ),
      ),
    ],
    ['Retry-After explains all waits', 'not-applicable', run(refusedOnce('a', 1000, 'ra=1000'))],
  ]);
});
