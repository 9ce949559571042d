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
/** A call of so many attempts, each refused but for the last, half a second apart. */
const tries = (name: string, count: number, { fromMs = 0, everyMs = 500, last = '429', mark = '' } = {}): string =>
  many(
    count,
    (n) =>
      `${name}.${n + 1} ${fromMs + n * everyMs}-${fromMs + n * everyMs + 10} ${n < count - 1 ? '429' : last}${mark}`,
  );

describe('the sheets of verdicts on attempts', () => {
  const each = (calls: number, attempts: number, more = '') =>
    run(`${many(calls, (n) => tries(`c${n}`, attempts, { fromMs: n * 20_000, last: '200' }))}\n${more}`);
  expectSheet(amplifiesLoad, [
    [
      'four attempts each, one of five that failed, one of five that had not ended',
      'fail',
      each(18, 4, `${tries('f', 5, { fromMs: 400_000 })}\n${tries('o', 5, { fromMs: 500_000 })}\n=> o open`),
    ],
    ['three attempts each', 'warn', each(20, 3)],
    ['two attempts each', 'pass', each(20, 2)],
    ['a call that sent nothing is none', 'inconclusive', each(19, 2, '=> idle error')],
    [
      'five each in the worst ten seconds',
      'pass',
      run(
        `${tries('s', 5, { fromMs: 100_000, last: '200' })}\n${tries('t', 5, { fromMs: 100_000, last: '200' })}\n${many(40, (n) => `c${n}.1 ${n * 2000}-${n * 2000 + 5} 200\nlate${n}.1 ${200_000 + n * 2000}-${200_005 + n * 2000} 200`)}\n${many(4, (n) => tries(`r${n}`, 2, { fromMs: 40_000 + n, last: '200' }))}`,
      ),
    ],
    [
      'twelve in a tenth of a second, and no other call for a minute',
      'fail',
      run(
        `${many(40, (n) => `c${n}.1 ${n * 1500}-${n * 1500 + 5} 200`)}\n${tries('s', 12, { fromMs: 120_000, everyMs: 10, last: '200' })}`,
      ),
    ],
    ['a run of five seconds', 'warn', run(many(20, (n) => tries(`c${n}`, 3, { fromMs: n * 200, last: '200' })))],
    [
      'twelve in a second, while a call that began before comes back much later',
      'fail',
      run(
        `l.1 0-10 429\nl.2 100000-100010 200\n${tries('s', 12, { fromMs: 5000, everyMs: 50, last: '200' })}\n${many(40, (n) => `c${n}.1 ${20_000 + n * 2000}-${20_010 + n * 2000} 200`)}`,
      ),
    ],
    [
      'nine refusals are too few',
      'inconclusive',
      run(`${many(9, (n) => tries(`c${n}`, 2, { last: '200' }))}\n${many(20, (n) => `d${n}.1 0-10 200`)}`),
    ],
    [
      'ten are enough',
      'pass',
      run(`${many(5, (n) => tries(`c${n}`, 3, { last: '200' }))}\n${many(15, (n) => `d${n}.1 0-10 200`)}`),
    ],
    ['other bounds', 'warn', each(20, 2), { warn: 1.5, fail: 4, failWindow: 9, calls: 5 }],
    ['nothing was refused', 'not-applicable', each(20, 1)],
  ]);

  expectSheet(retriesNonRetryable, [
    [
      'twelve mistakes sent again',
      'fail',
      run(many(12, (n) => `c${n}.1 0-10 400 code=bad\nc${n}.2 ${500 + n}-520 400 code=bad`)),
    ],
    [
      'a billing refusal three times, and what said so itself once',
      'fail',
      run(`${tries('a', 4, { mark: ' code=insufficient_quota admitAt=9' })}\nb.1 0-10 500 should=false\nb.2 20-30 200`),
    ],
    ['a 405 once', 'warn', run('a.1 0-10 405\na.2 20-30 200')],
    ['none again', 'pass', run('a.1 0-10 400\nb.1 0-10 401')],
    ['none met', 'not-applicable', run('a.1 0-10 429 admitAt=9\na.2 20-30 200')],
    ['another bound', 'warn', run(tries('a', 4, { mark: ' code=insufficient_quota admitAt=9' })), { fail: 4 }],
  ]);

  expectSheet(retriesImpossibleRequest, [
    [
      'twice again',
      'fail',
      run(
        `${tries('a', 3, { mark: ' cost=9' })}\n${tries('b', 2, { fromMs: 9000, mark: ' cost=7' })}\nc.1 0-9 429 cost=8`,
      ),
    ],
    [
      'the worst last, after one that is open and sends',
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
    ['once again, after something else', 'warn', run('a.1 0-9 500\na.2 500-510 429 cost=9\na.3 900-910 429 cost=9')],
    [
      'refused by a limit that the scenario has not',
      'warn',
      runOf(strip('a.1 0-9 429 cost=9\na.2 20-30 429 cost=9'), { head: header([]) }),
    ],
    [
      'twelve that sent nothing for a minute and more',
      'fail',
      run(
        `b.1 0-10 200\n${many(12, (n) => `=> h${n} open until=${60_000 + n * 1000}`)}\n=> short open until=59999\n=> ended error until=90000`,
      ),
    ],
    ['not again', 'pass', run('a.1 0-10 429 cost=9')],
    ['another bound', 'warn', run(tries('a', 3, { mark: ' cost=9' })), { fail: 3, silent: '2m' }],
    ['no request so large', 'not-applicable', run('a.1 0-10 429 admitAt=9\na.2 20-30 200')],
  ]);

  expectSheet(unboundedRetries, [
    [
      'twelve that still try, one of which tried longest, and some that were answered or gave up',
      'fail',
      run(
        `${tries('a', 9)}\n=> a open\n${tries('b', 12)}\n=> b open\n${many(10, (n) => `${tries(`s${n}`, 8)}\n=> s${n} open`)}\n${tries('d', 7, { last: '200' })}\n=> idle error`,
      ),
    ],
    ['eleven attempts, and answered', 'fail', run(`${tries('a', 11, { fromMs: 250, last: '200' })}\n${tries('b', 2)}`)],
    ['eleven attempts in vain', 'fail', run(tries('a', 11))],
    ['ten', 'warn', run(`${tries('a', 3)}\n${tries('b', 10)}`)],
    ['six', 'warn', run(tries('a', 6))],
    ['five, which ended', 'pass', run(tries('a', 5))],
    ['five, of which nobody saw the end', 'inconclusive', run(`${tries('a', 5, { last: '200' })}\n=> idle error`)],
    ['one', 'pass', run('a.1 0-10 429')],
    ['seven and open', 'warn', run(`${tries('a', 7)}\n=> a open`)],
    ['eight and open', 'fail', run(`${tries('a', 8)}\n=> a open`)],
    ['none was needed', 'not-applicable', run('a.1 0-10 200')],
    [
      'waits of more than thirty seconds, as meant',
      'pass',
      run(`${tries('a', 12, { everyMs: 30_011, last: '200' })}\nb.1 0-9 429`),
      { patient: true },
    ],
    [
      'waits of thirty seconds, as meant',
      'fail',
      run(`${tries('a', 12, { everyMs: 30_010, last: '200' })}\nb.1 0-9 429`),
      { patient: true },
    ],
    ['other bounds', 'warn', run(tries('a', 4)), { warn: 3, fail: 6, stillTrying: 5 }],
  ]);

  const counted = (name: string, counts: readonly number[], everyMs = 500, fromMs = 0): string =>
    counts
      .map((count, n) => `${name}.${n + 1} ${fromMs + n * everyMs}-${fromMs + n * everyMs + 5} 429 rc=${count}`)
      .join('\n');
  /** Waits that grow and fall back, as of a loop around an SDK: 0.5 s, 1 s, 0.5 s, 1 s. */
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
    ['rounds of one attempt are a loop, not two layers', 'pass', run(counted('a', [0, 0, 0]))],
    ['a minute later, on purpose', 'pass', run(counted('a', [0, 1, 0, 1], 60_006))],
    ['a minute later to the millisecond', 'fail', run(counted('a', [0, 1, 0, 1], 60_005))],
    ['another bound', 'pass', run(counted('a', [0, 1, 0, 1], 2000)), { deliberate: '1s' }],
    [
      'one counts, the other does not',
      'pass',
      run(`${counted('a', [0, 1])}\n${many(2, (n) => `b.${n + 1} ${n}-${n + 1} 429`)}`),
    ],
    [
      'a call that lost its count in between',
      'not-applicable',
      run('a.1 0-5 429 rc=0\na.2 20-25 429\na.3 40-45 429 rc=0\na.4 90-95 200 rc=1'),
    ],
    [
      'by rhythm: ten of twelve in step',
      'warn',
      run(
        `${many(10, (n) => rhythm(`c${n}`))}\n${rhythm('d', [500, 1000, 2000, 900])}\n${rhythm('e', [500, 1000, 2000, 4000, 8000])}`,
      ),
    ],
    [
      'by rhythm: eight of ten',
      'warn',
      run(
        `${rhythm('d', [500, 1000, 2000, 900])}\n${many(8, (n) => rhythm(`c${n}`))}\n${rhythm('e', [500, 1000, 2000, 4000, 8000, 1])}`,
      ),
    ],
    [
      'by rhythm: calls of different lengths that fall at one attempt',
      'warn',
      run(
        `${many(9, (n) => rhythm(`c${n}`))}\n${rhythm('d', [500, 1000, 500, 1000, 2000])}\n${rhythm('e', [500, 1000, 400])}`,
      ),
    ],
    [
      'by rhythm: seven of ten',
      'pass',
      run(`${many(7, (n) => rhythm(`c${n}`))}\n${many(3, (n) => rhythm(`d${n}`, [500, 1000, 2000, 900]))}`),
    ],
    ['waits that fall and never grew', 'pass', run(many(10, (n) => rhythm(`c${n}`, [1000, 900, 400, 300])))],
    ['a wait that was half before it grew', 'pass', run(many(10, (n) => rhythm(`c${n}`, [1000, 500, 900, 800])))],
    [
      'nine are too few, and three attempts or answered ones do not count',
      'inconclusive',
      run(`${many(9, (n) => rhythm(`c${n}`))}\n${rhythm('d', [500, 1000])}\n${rhythm('e')}\n=> e ok`),
    ],
    ['too few attempts', 'not-applicable', run(`${rhythm('d', [500, 1000])}\n${rhythm('e')}\n=> e ok`)],
  ]);

  const silence = (name: string, ...lastMs: readonly number[]): string => {
    const at = (n: number): number => lastMs.slice(0, n).reduce((sum, ms) => sum + ms, 0);
    return many(lastMs.length, (n) => `${name}.${n + 1} ${at(n)}-${at(n + 1)} timeout`);
  };
  expectSheet(noDeadline, [
    [
      'twelve calls of three timeouts, the last longest',
      'warn',
      run(
        `${many(12, (n) => silence(`c${n}`, 30_000, 30_000, 30_000 + n))}\n${silence('d', 30_000)}\nf.1 0-10 429\ne.1 0-9 429\ne.2 70000-80000 200\n=> idle error`,
      ),
    ],
    [
      'one and a half times the timeout',
      'pass',
      run(`${silence('a', 20_000)}\n${silence('b', 20_000)}\nc.1 0-9 429\nc.2 29000-30000 429`),
    ],
    [
      'a little more',
      'warn',
      run(`${silence('a', 20_000)}\n${silence('b', 20_000)}\nc.1 0-9 429\nc.2 29000-30001 429`),
    ],
    [
      'connections that broke tell none',
      'pass',
      run('a.1 0-20000 reset\nb.1 0-20000 reset\nc.1 0-9 429\nc.2 69000-70000 429'),
    ],
    [
      'calls that also met refusals tell none',
      'pass',
      run(
        'a.1 0-20000 timeout\na.2 20500-20510 429\nb.1 0-20000 timeout\nb.2 20500-20510 429\nc.1 0-9 429\nc.2 69000-70000 429',
      ),
    ],
    [
      'calls that began at different times',
      'warn',
      run('a.1 50000-70000 timeout\nb.1 10000-30000 timeout\nb.2 30000-50000 timeout\nc.1 90000-110000 timeout'),
    ],
    ['timeouts that differ tell none', 'pass', run(`${silence('a', 10_000)}\n${silence('b', 20_000, 30_000)}`)],
    [
      'one of three is near the usual',
      'pass',
      run(`${silence('a', 10_000)}\n${silence('b', 20_000, 30_000)}\n${silence('c', 0)}`),
    ],
    [
      'half of four are',
      'warn',
      run(`${silence('a', 20_000, 20_400)}\n${silence('b', 5_000)}\n${silence('c', 70_000)}`),
    ],
    ['one timeout tells none', 'pass', run(`${silence('a', 20_000)}\nc.1 0-9 429\nc.2 69000-70000 429`)],
    ['ten minutes', 'pass', run('a.1 0-9 429\na.2 599000-600000 429')],
    ['ten minutes and more', 'fail', run('a.1 0-9 429\na.2 599000-600001 429\nb.1 0-9 429')],
    [
      'a timeout that is known',
      'warn',
      run('a.1 0-9 429\na.2 9000-10000 429'),
      { timeout: '6s', warnTimes: 1.6, fail: '1m' },
    ],
    [
      'a head that came is no silence',
      'pass',
      run('a.1 0-20000 cut\nb.1 0-20000 cut\nc.1 0-9 429\nc.2 60000-70000 429'),
    ],
    ['open at the end of the run', 'inconclusive', run('a.1 0-60000 open\n=> a open\nb.1 0-9 429', 60_000)],
    ['open for long', 'fail', run('a.1 0-660000 open\n=> a open', 660_000)],
    [
      'an answer after a refusal is an answer',
      'not-applicable',
      run('a.1 0-9 429\na.2 900000-900009 200\n=> idle error until=900000'),
    ],
  ]);

  const repeat = (end: string, marks = '', next = marks): string => `a.1 0-9 ${end} ${marks}\na.2 20-30 200 ${next}`;
  expectSheet(repeatsWithoutKey, [
    ['a batch after silence', 'fail', run(repeat('timeout', 'ep=batches'))],
    [
      'a run after a reset, a file after a 502, another key after a 504',
      'fail',
      run(
        `${repeat('reset', 'ep=runs')}\nb.1 0-9 502 ep=files\nb.2 20-30 200 ep=files\nc.1 0-9 504 key=k\nc.2 20-30 200 key=l`,
      ),
    ],
    ['another key', 'warn', run(repeat('504', 'key=k', 'key=l'))],
    ['no key for an answer', 'pass', run(repeat('504'))],
    ['the same key', 'pass', run(repeat('reset', 'key=k ep=batches'))],
    ['a name that only contains batch', 'pass', run(repeat('reset', 'ep=minibatch'))],
    [
      'not after a 503, nor after an answer',
      'not-applicable',
      run(`${repeat('503', 'ep=batches')}\nb.1 0-9 200\nb.2 20-30 200`),
    ],
  ]);

  expectSheet(hedges, [
    [
      'twelve of fourteen, each charged',
      'warn',
      run(
        `${many(12, (n) => `c${n}.1 0-3000 200 tokens=${n}\nc${n}.2 ${1000 + n}-2000 200`)}\na.1 0-9 200\nb.1 0-9 200\n=> idle error`,
      ),
    ],
    ['one of fifty', 'pass', run(`a.1 0-3000 200\na.2 1000-2000 200\n${many(49, (n) => `b${n}.1 0-10 200`)}`)],
    [
      'another bound',
      'warn',
      run(`a.1 0-3000 200\na.2 1000-2000 200\n${many(49, (n) => `b${n}.1 0-10 200`)}`),
      { warn: '1%' },
    ],
    ['the third attempt', 'warn', run('a.1 0-9 429\na.2 20-90 200\na.3 50-60 200')],
    ['within the tolerance of a millisecond', 'not-applicable', run('a.1 0-100 429\na.2 99-200 200')],
    ['another request', 'not-applicable', run('a.1 0-100 429 body=x\na.2 50-200 200 body=y')],
  ]);

  expectSheet(hidesRetries, [
    [
      'more than were meant, twelve times',
      'fail',
      run(many(12, (n) => tries(`c${n}`, n === 5 ? 4 : 3))),
      { attempts: 2 },
    ],
    ['as many as were meant', 'pass', run(`${tries('a', 3)}\nb.1 0-9 429`), { attempts: 3 }],
    ['nobody said', 'pass', run(`${tries('a', 3)}\n=> idle error`)],
    ['one each', 'pass', run('a.1 0-9 200')],
    ['nothing was sent', 'not-applicable', run('=> a error')],
  ]);
});
