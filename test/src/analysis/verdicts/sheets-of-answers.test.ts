import { describe } from 'vitest';
import { givesUpOnReset } from '../../../../src/analysis/verdicts/gives-up-on-reset.ts';
import { replaysPartialStream } from '../../../../src/analysis/verdicts/replays-partial-stream.ts';
import { swallowsRejection } from '../../../../src/analysis/verdicts/swallows-rejection.ts';
import { treatsOverloadAsFatal } from '../../../../src/analysis/verdicts/treats-overload-as-fatal.ts';
import { wastedTokens } from '../../../../src/analysis/verdicts/wasted-tokens.ts';
import type { AttemptRecord } from '../../../../src/journal/call-records.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';
import { expectSheet } from './sheet.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string) => runOf(strip(text), { head });
const wall = (text: string) => runOf(strip(text), { head: header() });
const many = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join('\n');

describe('verdicts on replies', () => {
  expectSheet(swallowsRejection, [
    [
      'each kind of swallowed refusal, beside calls that report their error',
      'fail',
      run(`
        a.1 0-10 429 code=rate_limit_exceeded
        a.2 20-30 429 code=rate_limit_exceeded
        => a ok output=0
        b.1 0-10 503
        => b ok output=212
        c.1 0-10 reset
        => c ok
        d.1 0-10 timeout
        => d ok
        e.1 0-10 429
        e.2 20-30 200 answer=80
        => e ok output=0
        f.1 0-10 429
        => f error
        g.1 0-10 429
        => g ok fallback
        h.1 0-10 200 answer=80
        => h ok output=0 fallback
        i.1 0-10 200 answer=80
        => i error output=0
        => idle ok
      `),
    ],
    ['twelve calls', 'fail', run(many(12, (n) => `c${n}.1 ${n}-20 429\n=> c${n} ok`))],
    ['every call reports an error', 'pass', run('a.1 0-10 429\nb.1 0-10 500')],
    [
      'errors in a 200, half a JSON, cut streams',
      'fail',
      run(`
        a.1 0-10 200 defect=error-body type=server_error
        => a ok output=0
        b.1 0-10 200 defect=not-json answer=80 chars=0
        => b ok output=30
        c.1 0-10 200 defect=cut-stream answer=80 chars=40
        => c ok output=40
        d.1 0-10 200 defect=error-event code=server_is_overloaded answer=80 chars=40
        => d ok output=40
        e.1 0-10 cut answer=80 chars=40
        => e ok output=40
        f.1 0-10 200 defect=content-type answer=80 chars=80
        => f ok output=80
      `),
    ],
    ['all had the text', 'pass', run('a.1 0-10 200 defect=not-json answer=80 chars=80\n=> a ok\nb.1 0-10 429')],
    [
      'answered on retry, empty reply, or not finished',
      'not-applicable',
      run('a.1 0-10 429\na.2 20-30 200\nb.1 0-9 200\n=> b ok output=0\nc.1 0-9 429\n=> c open\n=> idle ok output=0'),
    ],
  ]);

  const broken = (name: string, chars: number, answer: number, end: string): string =>
    `${name}.1 0-800 200 chars=${chars}\n${name}.2 1300-3000 200 answer=${answer}\n=> ${name} ${end}`;
  expectSheet(replaysPartialStream, [
    [
      'twelve replayed, one unknown, two restarted, two reported',
      'fail',
      run(
        [
          broken('u', 100, 400, 'ok output=450'),
          many(12, (n) => broken(`c${n}`, 100 + n, 400, `ok output=${500 + n}`)),
          broken('d', 100, 400, 'ok output=400'),
          broken('e', 100, 400, 'ok output=400'),
          broken('f', 100, 400, 'error'),
          'g.1 0-800 200 chars=100\n=> g error',
        ].join('\n'),
      ),
    ],
    ['unknown output', 'warn', run(broken('a', 100, 400, 'ok'))],
    ['output of a different length', 'warn', run(broken('a', 100, 400, 'ok output=499'))],
    ['broken twice, failed', 'pass', run('a.1 0-8 200 chars=100\na.2 20-28 200 chars=60\n=> a error')],
    [
      'broken twice, both parts passed on as one reply',
      'fail',
      run('a.1 0-8 200 chars=100\na.2 20-28 200 chars=60\n=> a ok output=160'),
    ],
    ['reported', 'pass', run('a.1 0-8 200 chars=100\n=> a ok output=100')],
    ['broken before the first text', 'not-applicable', run(broken('a', 0, 400, 'ok output=400'))],
  ]);

  /** Twenty used replies of ten tokens each. */
  const taken = many(20, (n) => `n${n}.1 0-10 200 tokens=10`);
  const charging = (unit: 'tokens' | 'requests', chargeRejected: 'all' | 'requests') =>
    runOf(strip(`${taken}\na.1 0-10 429 cost=100\nb.1 0-10 429 cost=40`), {
      head: header([requestLimit(5, 5, { unit, chargeRejected })]),
    });
  expectSheet(wastedTokens, [
    [
      'each kind of waste, most expensive first',
      'fail',
      run(`
        ${taken}
        a.1 0-10 cut tokens=50
        a.2 20-30 200 chars=9 tokens=80
        a.3 40-50 200 tokens=60
        a.4 60-70 200 tokens=61
        b.1 0-10 200 tokens=70
        b.2 20-30 429
        b.3 40-50 200 tokens=70
        c.1 0-10 200 tokens=90 body=x
        c.2 20-30 200 tokens=90 body=y
        d.1 0-10 200 tokens=0
        d.2 20-30 200 tokens=5
        e.1 0-10 200 tokens=40
        e.2 20-30 200 tokens=40
        => e open
        f.1 0-10 timeout tokens=40
        g.1 0-10 429 tokens=40
        g.2 20-30 200 tokens=10
      `),
    ],
    [
      'connections that broke during and before the reply',
      'pass',
      runOf(
        strip(
          `${taken}\na.1 0-10 cut tokens=60\nb.1 0-10 reset tokens=500\nc.1 0-10 cut tokens=70\nd.1 0-10 200 tokens=500`,
        ).map((record) => {
          if (record.type === 'call') return record;
          const broken: Partial<AttemptRecord> =
            record.status === 200 && record.outcome === 'aborted' ? { outcome: 'reset' } : {};
          return {
            ...record,
            ...broken,
            ...(record.completionTokens === 500 && { status: record.status === 200 ? 300 : 199 }),
          };
        }),
        { head },
      ),
    ],
    [
      'twelve aborted replies, with a price',
      'fail',
      run(`${taken}\n${many(12, (n) => `c${n}.1 0-10 cut tokens=${100 + n}`)}`),
      { price: 2500 },
    ],
    ['20 % wasted', 'warn', run(`${taken}\na.1 0-10 cut tokens=50`)],
    ['5 % wasted', 'pass', run(`${many(19, (n) => `n${n}.1 0-10 200 tokens=10`)}\na.1 0-10 cut tokens=10`)],
    ['refused tokens charged by a limit', 'fail', charging('tokens', 'all')],
    ['a limit that charges only requests', 'pass', charging('tokens', 'requests')],
    ['a limit on requests, not tokens', 'pass', charging('requests', 'all')],
    [
      'refused by a different limit than the one that charges',
      'pass',
      runOf(strip(`${taken}\na.1 0-10 429 cost=100`), {
        head: header([requestLimit(5, 5, { name: 'tokens', unit: 'tokens', chargeRejected: 'all' })]),
      }),
    ],
    [
      'nineteen admitted attempts are too few in wall time',
      'inconclusive',
      wall(`${many(18, (n) => `n${n}.1 0-10 200 tokens=10`)}\na.1 0-10 cut tokens=10\nb.1 0-10 429`),
    ],
    [
      'custom bounds',
      'warn',
      run(many(4, (n) => `n${n}.1 0-10 ${n === 0 ? 'cut' : '200'} tokens=10`)),
      { warn: '10%', fail: '30%', needed: 4, price: 1_000_000 },
    ],
    ['no tokens charged', 'not-applicable', run('a.1 0-10 429\nb.1 0-10 200')],
  ]);

  const surfaced = (count: number, of: number, fault: string): string =>
    many(of, (n) => `${fault}x${n}.1 ${n}-30 ${fault}${n < count ? '' : `\n${fault}x${n}.2 480-700 200`}`);
  expectSheet(treatsOverloadAsFatal, [
    [
      '529 by twelve of twenty, 503 by one of five, 500 by one of four',
      'fail',
      run(`${surfaced(12, 20, '529')}\n${surfaced(1, 5, '503')}\n${surfaced(1, 4, '500')}`),
    ],
    ['20 % of one kind, 10 % of another', 'warn', run(`${surfaced(1, 10, '503')}\n${surfaced(1, 5, '529')}`)],
    ['two kinds with too few calls each', 'inconclusive', wall(`${surfaced(1, 1, '529')}\n${surfaced(1, 1, '503')}`)],
    [
      'errors in a 200 and in streams',
      'fail',
      run(`
        a.1 0-9 200 defect=error-body type=server_error
        => a error
        b.1 0-9 200 defect=not-json
        => b error
        c.1 0-9 200 defect=content-type
        c.2 20-30 200
        d.1 0-9 200 defect=error-event code=server_is_overloaded chars=0
        => d error
        e.1 0-9 200 defect=error-event code=server_is_overloaded chars=40
        => e error
      `),
    ],
    [
      'retried without success, substituted, or still open',
      'pass',
      run(`${surfaced(0, 5, '502')}\na.1 0-9 502\na.2 20-30 502\nb.1 0-9 502\n=> b ok\nc.1 0-9 502\n=> c open`),
    ],
    ['only the first attempt counts', 'not-applicable', run(many(5, (n) => `c${n}.1 0-9 429\nc${n}.2 20-30 529`))],
    ['x-should-retry: false', 'not-applicable', run(many(5, (n) => `c${n}.1 0-9 500 should=false`))],
    ['custom bounds', 'warn', run(surfaced(1, 2, '504')), { warn: '10%', fail: '50%', needed: 2 }],
  ]);

  expectSheet(givesUpOnReset, [
    [
      'resets: six of six, timeouts: one of five',
      'fail',
      run(`${surfaced(6, 6, 'reset')}\n${surfaced(1, 5, 'timeout')}`),
    ],
    ['one call in wall time', 'inconclusive', wall(surfaced(1, 1, 'reset'))],
    ['a stream that ends before its text', 'fail', run('a.1 0-9 200 defect=cut-stream chars=0\n=> a error')],
    ['retried', 'pass', run(surfaced(0, 5, 'timeout'))],
    [
      'a reply that started, or is still open',
      'not-applicable',
      run(many(5, (n) => `c${n}.1 0-9 cut\n=> c${n} error\nd${n}.1 0-9 open\n=> d${n} error`)),
    ],
  ]);
});
