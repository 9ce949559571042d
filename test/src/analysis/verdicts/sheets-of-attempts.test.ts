import { describe } from 'vitest';
import { amplifiesLoad } from '../../../../src/analysis/verdicts/amplifies-load.ts';
import { hedges } from '../../../../src/analysis/verdicts/hedges.ts';
import { hidesRetries } from '../../../../src/analysis/verdicts/hides-retries.ts';
import { layeredRetries } from '../../../../src/analysis/verdicts/layered-retries.ts';
import { noDeadline } from '../../../../src/analysis/verdicts/no-deadline.ts';
import { repeatsWithoutKey } from '../../../../src/analysis/verdicts/repeats-without-key.ts';
import { retriesImpossibleRequest } from '../../../../src/analysis/verdicts/retries-impossible-request.ts';
import { retriesNonRetryable } from '../../../../src/analysis/verdicts/retries-non-retryable.ts';
import { unboundedRetries } from '../../../../src/analysis/verdicts/unbounded-retries.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';
import { expectSheet } from './sheet.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string, endMs?: number) => runOf(strip(text), { head, ...(endMs !== undefined && { endMs }) });
const many = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join('\n');
/** A call with `count` attempts at intervals of `everyMs`, all refused except the last. */
const tries = (name: string, count: number, { fromMs = 0, everyMs = 500, last = '429', mark = '' } = {}): string =>
  many(
    count,
    (n) =>
      `${name}.${n + 1} ${fromMs + n * everyMs}-${fromMs + n * everyMs + 10} ${n < count - 1 ? '429' : last}${mark}`,
  );

describe('verdicts on attempts', () => {
  const each = (calls: number, attempts: number, more = '') =>
    run(`${many(calls, (n) => tries(`c${n}`, attempts, { fromMs: n * 20_000, last: '200' }))}\n${more}`);
  expectSheet(amplifiesLoad, [
    [
      'four attempts per call, plus a failed and an open call with five',
      'fail',
      each(18, 4, `${tries('f', 5, { fromMs: 400_000 })}\n${tries('o', 5, { fromMs: 500_000 })}\n=> o open`),
    ],
    ['three attempts per call', 'warn', each(20, 3)],
    ['two attempts per call', 'pass', each(20, 2)],
    ['calls without attempts do not count', 'pass', each(19, 2, '=> idle error')],
    [
      'five attempts per call in the worst 10 s',
      'pass',
      run(
        `${tries('s', 5, { fromMs: 100_000, last: '200' })}\n${tries('t', 5, { fromMs: 100_000, last: '200' })}\n${many(40, (n) => `c${n}.1 ${n * 2000}-${n * 2000 + 5} 200\nlate${n}.1 ${200_000 + n * 2000}-${200_005 + n * 2000} 200`)}\n${many(4, (n) => tries(`r${n}`, 2, { fromMs: 40_000 + n, last: '200' }))}`,
      ),
    ],
    [
      'twelve attempts in 0.1 s, then one minute without calls',
      'fail',
      run(
        `${many(40, (n) => `c${n}.1 ${n * 1500}-${n * 1500 + 5} 200`)}\n${tries('s', 12, { fromMs: 120_000, everyMs: 10, last: '200' })}`,
      ),
    ],
    ['a run of five seconds', 'warn', run(many(20, (n) => tries(`c${n}`, 3, { fromMs: n * 200, last: '200' })))],
    [
      'twelve attempts in 1 s, beside an earlier call that retries much later',
      'fail',
      run(
        `l.1 0-10 429\nl.2 100000-100010 200\n${tries('s', 12, { fromMs: 5000, everyMs: 50, last: '200' })}\n${many(40, (n) => `c${n}.1 ${20_000 + n * 2000}-${20_010 + n * 2000} 200`)}`,
      ),
    ],
    [
      'nine refusals',
      'pass',
      run(`${many(9, (n) => tries(`c${n}`, 2, { last: '200' }))}\n${many(20, (n) => `d${n}.1 0-10 200`)}`),
    ],
    [
      'ten refusals are enough',
      'pass',
      run(`${many(5, (n) => tries(`c${n}`, 3, { last: '200' }))}\n${many(15, (n) => `d${n}.1 0-10 200`)}`),
    ],
    ['custom bounds', 'warn', each(20, 2), { warn: 1.5, fail: 4, failWindow: 9, calls: 5 }],
    ['no refusals', 'not-applicable', each(20, 1)],
  ]);

  expectSheet(retriesNonRetryable, [
    [
      'twelve client errors retried',
      'fail',
      run(many(12, (n) => `c${n}.1 0-10 400 code=bad\nc${n}.2 ${500 + n}-520 400 code=bad`)),
    ],
    [
      'a billing refusal three times, x-should-retry: false once',
      'fail',
      run(`${tries('a', 4, { mark: ' code=insufficient_quota admitAt=9' })}\nb.1 0-10 500 should=false\nb.2 20-30 200`),
    ],
    ['a billing refusal retried once', 'warn', run('a.1 0-9 429 code=insufficient_quota admitAt=9\na.2 500-509 200')],
    ['a 405 retried once', 'fail', run('a.1 0-10 405\na.2 20-30 200')],
    ['no retries', 'pass', run('a.1 0-10 400\nb.1 0-10 401')],
    ['no such error', 'not-applicable', run('a.1 0-10 429 admitAt=9\na.2 20-30 200')],
    ['custom bounds', 'warn', run(tries('a', 4, { mark: ' code=insufficient_quota admitAt=9' })), { fail: 4 }],
  ]);

  expectSheet(retriesImpossibleRequest, [
    [
      'retried twice',
      'fail',
      run(
        `${tries('a', 3, { mark: ' cost=9' })}\n${tries('b', 2, { fromMs: 9000, mark: ' cost=7' })}\nc.1 0-9 429 cost=8`,
      ),
    ],
    [
      'the worst call last, after an open call with attempts',
      'fail',
      run(`${tries('a', 2, { mark: ' cost=9' })}\n=> a open until=90000\n${tries('b', 3, { mark: ' cost=7' })}`),
    ],
    [
      'the second of two limits',
      'fail',
      runOf(
        strip(tries('a', 3, { mark: ' cost=9' })).map((record) =>
          record.type === 'call'
            ? record
            : { ...record, limits: [{ ...record.limits[0]!, limit: 'first', cost: 1 }, ...record.limits] },
        ),
        { head: header([requestLimit(1, 1, { name: 'first' }), requestLimit(5, 6)]) },
      ),
    ],
    [
      'retried once, after a different error',
      'warn',
      run('a.1 0-9 500\na.2 500-510 429 cost=9\na.3 900-910 429 cost=9'),
    ],
    [
      'refused by a limit missing from the scenario',
      'warn',
      runOf(strip('a.1 0-9 429 cost=9\na.2 20-30 429 cost=9'), { head: header([]) }),
    ],
    [
      'twelve calls that a queue holds for a minute or longer',
      'not-applicable',
      run(
        `b.1 0-10 200\n${many(12, (n) => `=> h${n} open until=${60_000 + n * 1000}`)}\n=> short open until=59999\n=> ended error until=90000`,
      ),
    ],
    [
      'one too large, retried for ever, and nine that wait behind it',
      'fail',
      run(`${tries('a', 120, { mark: ' cost=9' })}\n=> a open\n${many(9, (n) => `=> h${n} open until=60000`)}`),
    ],
    [
      'two calls held whose prompt alone is too large',
      'fail',
      runOf(strip('=> a open until=90000\n=> b open until=59999\n=> c open until=60000'), {
        head: header([requestLimit(1, 100, { unit: 'tokens' })], {
          call: { model: 'gpt-4o-mini', stream: false, prompt: 'x'.repeat(800) },
        }),
      }),
    ],
    ['not retried', 'pass', run('a.1 0-10 429 cost=9')],
    ['custom bounds', 'warn', run(tries('a', 3, { mark: ' cost=9' })), { fail: 3, silent: '2m' }],
    ['no oversized request', 'not-applicable', run('a.1 0-10 429 admitAt=9\na.2 20-30 200')],
  ]);

  expectSheet(unboundedRetries, [
    [
      'twelve calls still retrying, beside answered and failed calls',
      'fail',
      run(
        `${tries('a', 9)}\n=> a open\n${tries('b', 12)}\n=> b open\n${many(10, (n) => `${tries(`s${n}`, 8)}\n=> s${n} open`)}\n${tries('d', 7, { last: '200' })}\n=> idle error`,
      ),
    ],
    ['eleven attempts, answered', 'fail', run(`${tries('a', 11, { fromMs: 250, last: '200' })}\n${tries('b', 2)}`)],
    ['eleven attempts, failed', 'fail', run(tries('a', 11))],
    ['ten attempts', 'warn', run(`${tries('a', 3)}\n${tries('b', 10)}`)],
    ['six attempts', 'warn', run(tries('a', 6))],
    ['five attempts, failed', 'pass', run(tries('a', 5))],
    ['five attempts, no call gave up', 'pass', run(`${tries('a', 5, { last: '200' })}\n=> idle error`)],
    ['one attempt', 'pass', run('a.1 0-10 429')],
    ['seven attempts, open', 'warn', run(`${tries('a', 7)}\n=> a open`)],
    ['eight attempts, open', 'fail', run(`${tries('a', 8)}\n=> a open`)],
    ['no retries', 'not-applicable', run('a.1 0-10 200')],
    [
      'patient: gaps above 30 s',
      'pass',
      run(`${tries('a', 12, { everyMs: 30_011, last: '200' })}\nb.1 0-9 429`),
      { patient: true },
    ],
    [
      'patient: gaps of 30 s',
      'fail',
      run(`${tries('a', 12, { everyMs: 30_010, last: '200' })}\nb.1 0-9 429`),
      { patient: true },
    ],
    ['custom bounds', 'warn', run(tries('a', 4)), { warn: 3, fail: 6, stillTrying: 5 }],
  ]);

  const counted = (name: string, counts: readonly number[], everyMs = 500, fromMs = 0): string =>
    counts
      .map((count, n) => `${name}.${n + 1} ${fromMs + n * everyMs}-${fromMs + n * everyMs + 5} 429 rc=${count}`)
      .join('\n');
  /** Waits that grow and drop, as of a loop around an SDK: 0.5 s, 1 s, 0.5 s, 1 s. */
  const rhythm = (name: string, gapsMs = [500, 1000, 500, 1000]): string => {
    const at = (n: number): number => gapsMs.slice(0, n).reduce((sum, gap) => sum + gap + 5, 0);
    return many(gapsMs.length + 1, (n) => `${name}.${n + 1} ${at(n)}-${at(n) + 5} 429`);
  };
  expectSheet(layeredRetries, [
    [
      'twelve calls, the worst three rounds of two',
      'fail',
      run(
        `${many(11, (n) => counted(`c${n}`, [0, 1, 0]))}\n${counted('w', [0, 1, 0, 1, 0])}\n${counted('l', [0, 1, 2])}\nx.1 0-9 200 rc=0`,
      ),
    ],
    [
      'two rounds of six are worse than three of two',
      'fail',
      run(`${counted('a', [0, 1, 2, 0])}\n${counted('b', [0, 1, 0, 1, 0])}\n${counted('c', [0, 1, 2, 3, 4, 5, 0], 9)}`),
    ],
    [
      'the worst first',
      'fail',
      run(`${counted('a', [0, 1, 2, 0, 1])}\n${counted('b', [0, 1, 0])}\n${counted('c', [0, 1, 0, 1])}`),
    ],
    ['rounds of one attempt are one loop', 'pass', run(counted('a', [0, 0, 0]))],
    ['restart after more than a minute is deliberate', 'pass', run(counted('a', [0, 1, 0, 1], 60_006))],
    ['restart after exactly a minute', 'fail', run(counted('a', [0, 1, 0, 1], 60_005))],
    ['custom bounds', 'pass', run(counted('a', [0, 1, 0, 1], 2000)), { deliberate: '1s' }],
    [
      'one call with a retry count, one without',
      'pass',
      run(`${counted('a', [0, 1])}\n${many(2, (n) => `b.${n + 1} ${n}-${n + 1} 429`)}`),
    ],
    [
      'a call with a missing retry count',
      'pass',
      run('a.1 0-5 429 rc=0\na.2 20-25 429\na.3 40-45 429 rc=0\na.4 90-95 200 rc=1'),
    ],
    [
      'by pattern: ten of twelve',
      'fail',
      run(
        `${many(10, (n) => rhythm(`c${n}`))}\n${rhythm('d', [500, 1000, 2000, 900])}\n${rhythm('e', [500, 1000, 2000, 4000, 8000])}`,
      ),
    ],
    [
      'by pattern: eight of ten',
      'fail',
      run(
        `${rhythm('d', [500, 1000, 2000, 900])}\n${many(8, (n) => rhythm(`c${n}`))}\n${rhythm('e', [500, 1000, 2000, 4000, 8000, 1])}`,
      ),
    ],
    [
      'by pattern: calls of different lengths that drop at the same attempt',
      'fail',
      run(
        `${many(9, (n) => rhythm(`c${n}`))}\n${rhythm('d', [500, 1000, 500, 1000, 2000])}\n${rhythm('e', [500, 1000, 400])}`,
      ),
    ],
    [
      'by pattern: seven of ten',
      'pass',
      run(`${many(7, (n) => rhythm(`c${n}`))}\n${many(3, (n) => rhythm(`d${n}`, [500, 1000, 2000, 900]))}`),
    ],
    ['waits that drop without growing', 'pass', run(many(10, (n) => rhythm(`c${n}`, [1000, 900, 400, 300])))],
    ['a wait that drops before it grows', 'pass', run(many(10, (n) => rhythm(`c${n}`, [1000, 500, 900, 800])))],
    [
      'nine failed calls and an answered one; a short call does not count',
      'fail',
      run(`${many(9, (n) => rhythm(`c${n}`))}\n${rhythm('d', [500, 1000])}\n${rhythm('e')}\n=> e ok`),
    ],
    ['one answered call is enough in exact time', 'fail', run(`${rhythm('d', [500, 1000])}\n${rhythm('e')}\n=> e ok`)],
    ['too few attempts', 'not-applicable', run(rhythm('d', [500, 1000]))],
  ]);

  const silence = (name: string, ...lastMs: readonly number[]): string => {
    const at = (n: number): number => lastMs.slice(0, n).reduce((sum, ms) => sum + ms, 0);
    return many(lastMs.length, (n) => `${name}.${n + 1} ${at(n)}-${at(n + 1)} timeout`);
  };
  expectSheet(noDeadline, [
    [
      'twelve calls with three timeouts',
      'warn',
      run(
        `${many(12, (n) => silence(`c${n}`, 30_000, 30_000, 30_000 + n))}\n${silence('d', 30_000)}\nf.1 0-10 429\ne.1 0-9 429\ne.2 70000-80000 200\n=> idle error`,
      ),
    ],
    [
      '1.5 × the timeout',
      'pass',
      run(`${silence('a', 20_000)}\n${silence('b', 20_000)}\nc.1 0-9 429\nc.2 29000-30000 429`),
    ],
    [
      'more than 1.5 × the timeout',
      'warn',
      run(`${silence('a', 20_000)}\n${silence('b', 20_000)}\nc.1 0-9 429\nc.2 29000-30001 429`),
    ],
    ['no timeout from resets', 'pass', run('a.1 0-20000 reset\nb.1 0-20000 reset\nc.1 0-9 429\nc.2 69000-70000 429')],
    [
      'no timeout from calls with refusals',
      'pass',
      run(
        'a.1 0-20000 timeout\na.2 20500-20510 429\nb.1 0-20000 timeout\nb.2 20500-20510 429\nc.1 0-9 429\nc.2 69000-70000 429',
      ),
    ],
    [
      'calls at different times',
      'warn',
      run('a.1 50000-70000 timeout\nb.1 10000-30000 timeout\nb.2 30000-50000 timeout\nc.1 90000-110000 timeout'),
    ],
    ['no timeout from differing durations', 'pass', run(`${silence('a', 10_000)}\n${silence('b', 20_000, 30_000)}`)],
    [
      'one of three durations near the median',
      'pass',
      run(`${silence('a', 10_000)}\n${silence('b', 20_000, 30_000)}\n${silence('c', 0)}`),
    ],
    [
      'two of four durations near the median',
      'warn',
      run(`${silence('a', 20_000, 20_400)}\n${silence('b', 5_000)}\n${silence('c', 70_000)}`),
    ],
    ['no timeout from one sample', 'pass', run(`${silence('a', 20_000)}\nc.1 0-9 429\nc.2 69000-70000 429`)],
    ['exactly 10 minutes', 'pass', run('a.1 0-9 429\na.2 599000-600000 429')],
    ['more than 10 minutes', 'fail', run('a.1 0-9 429\na.2 599000-600001 429\nb.1 0-9 429')],
    [
      'configured timeout',
      'warn',
      run('a.1 0-9 429\na.2 9000-10000 429'),
      { timeout: '6s', warnTimes: 1.6, fail: '1m' },
    ],
    [
      'an aborted reply is not a timeout',
      'pass',
      run('a.1 0-20000 cut\nb.1 0-20000 cut\nc.1 0-9 429\nc.2 60000-70000 429'),
    ],
    ['open at the end of the run', 'inconclusive', run('a.1 0-60000 open\n=> a open\nb.1 0-9 429', 60_000)],
    ['open for 11 minutes', 'fail', run('a.1 0-660000 open\n=> a open', 660_000)],
    [
      'answered after a refusal',
      'not-applicable',
      run('a.1 0-9 429\na.2 900000-900009 200\n=> idle error until=900000'),
    ],
  ]);

  const repeat = (end: string, marks = '', next = marks): string => `a.1 0-9 ${end} ${marks}\na.2 20-30 200 ${next}`;
  expectSheet(repeatsWithoutKey, [
    ['a batch after a timeout', 'fail', run(repeat('timeout', 'ep=batches'))],
    [
      'a run after a reset, a file after a 502, a changed key after a 504',
      'fail',
      run(
        `${repeat('reset', 'ep=runs')}\nb.1 0-9 502 ep=files\nb.2 20-30 200 ep=files\nc.1 0-9 504 key=k\nc.2 20-30 200 key=l`,
      ),
    ],
    ['a changed key', 'warn', run(repeat('504', 'key=k', 'key=l'))],
    ['no key for a completion', 'pass', run(repeat('504'))],
    ['the same key', 'pass', run(repeat('reset', 'key=k ep=batches'))],
    ['an endpoint name that only contains batch', 'pass', run(repeat('reset', 'ep=minibatch'))],
    ['after a 503 or a success', 'not-applicable', run(`${repeat('503', 'ep=batches')}\nb.1 0-9 200\nb.2 20-30 200`)],
  ]);

  expectSheet(hedges, [
    [
      'twelve of fourteen calls',
      'warn',
      run(
        `${many(12, (n) => `c${n}.1 0-3000 200 tokens=${n}\nc${n}.2 ${1000 + n}-2000 200`)}\na.1 0-9 200\nb.1 0-9 200\n=> idle error`,
      ),
    ],
    ['one of fifty calls', 'pass', run(`a.1 0-3000 200\na.2 1000-2000 200\n${many(49, (n) => `b${n}.1 0-10 200`)}`)],
    [
      'custom bounds',
      'warn',
      run(`a.1 0-3000 200\na.2 1000-2000 200\n${many(49, (n) => `b${n}.1 0-10 200`)}`),
      { warn: '1%' },
    ],
    ['the third attempt', 'warn', run('a.1 0-9 429\na.2 20-90 200\na.3 50-60 200')],
    ['overlap within the tolerance of 1 ms', 'not-applicable', run('a.1 0-100 429\na.2 99-200 200')],
    ['a different request', 'not-applicable', run('a.1 0-100 429 body=x\na.2 50-200 200 body=y')],
  ]);

  expectSheet(hidesRetries, [
    [
      'more attempts than configured, twelve times',
      'fail',
      run(many(12, (n) => tries(`c${n}`, n === 5 ? 4 : 3))),
      { attempts: 2 },
    ],
    ['as many attempts as configured', 'pass', run(`${tries('a', 3)}\nb.1 0-9 429`), { attempts: 3 }],
    ['not configured', 'pass', run(`${tries('a', 3)}\n=> idle error`)],
    ['one attempt per call', 'pass', run('a.1 0-9 200')],
    ['no attempts', 'not-applicable', run('=> a error')],
  ]);
});
