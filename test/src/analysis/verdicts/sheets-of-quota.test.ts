import { describe } from 'vitest';
import type { Fault } from '../../../../mock-server/faults/fault.ts';
import type { Run } from '../../../../src/analysis/run/run-view.ts';
import { burstsAtWindowBoundary } from '../../../../src/analysis/verdicts/bursts-at-window-boundary.ts';
import { concurrencyBlowUp } from '../../../../src/analysis/verdicts/concurrency-blow-up.ts';
import { doesNotRecover } from '../../../../src/analysis/verdicts/does-not-recover.ts';
import { givesUpEarly } from '../../../../src/analysis/verdicts/gives-up-early.ts';
import { leavesQuotaUnused } from '../../../../src/analysis/verdicts/leaves-quota-unused.ts';
import { restartStampede } from '../../../../src/analysis/verdicts/restart-stampede.ts';
import { starvesCallers } from '../../../../src/analysis/verdicts/starves-callers.ts';
import { synchronisedHerd } from '../../../../src/analysis/verdicts/synchronised-herd.ts';
import { settings } from '../../../mock-server/openai-provider.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';
import { expectSheet } from './sheet.ts';

const many = (count: number, of: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => of(n)).join('\n');
const run = (text: string, perSecond: number, burst: number, endMs?: number): Run =>
  runOf(strip(text), { head: header([requestLimit(perSecond, burst)]), ...(endMs !== undefined && { endMs }) });
const fixedWindow = requestLimit(5, 5, {
  spec: { algorithm: 'fixed-window', amount: 5, windowUs: 60e6, anchor: 'clock' },
});

describe('verdicts on quota use', () => {
  /** Calls refused at intervals of 1 ms that retry after `waitMs`. */
  const cohort = (name: string, callers: number, waitMs: (n: number) => number, atMs = 0, marks = 'before=0'): string =>
    many(
      callers,
      (n) =>
        `${name}${n}.1 ${atMs + n}-${atMs + n + 5} 429\n${name}${n}.2 ${atMs + n + 5 + waitMs(n)}-${atMs + n + 9 + waitMs(n)} 429 ${marks}`,
    );
  const herd = (text: string, limits = [requestLimit(10, 10)]) => runOf(strip(text), { head: header(limits) });
  expectSheet(synchronisedHerd, [
    ['twenty calls retry together', 'fail', herd(cohort('a', 20, () => 1000))],
    ['nineteen calls retry together', 'warn', herd(cohort('a', 19, () => 1000))],
    [
      'two herds, the larger one later',
      'fail',
      herd(`${cohort('a', 9, () => 1000)}\n${cohort('b', 12, () => 1000, 60_000)}`),
    ],
    [
      'one herd in two groups',
      'warn',
      herd(`${cohort('a', 9, (n) => 1000 + 150 * n)}\n${cohort('b', 12, () => 1000, 60_000)}`),
    ],
    ['eight of ten retry together', 'warn', herd(cohort('a', 10, (n) => (n < 8 ? 1000 : 2000 + 200 * n)))],
    ['seven of ten retry together', 'pass', herd(cohort('a', 10, (n) => (n < 7 ? 1000 : 2000 + 200 * n)))],
    [
      'two groups without a herd: reports the worse one',
      'pass',
      herd(
        `${cohort('a', 10, (n) => (n < 3 ? 1000 : 2000 + 200 * n))}\n${cohort('b', 10, (n) => (n < 6 ? 1000 : 2000 + 200 * n), 60_000)}`,
      ),
    ],
    ['room for a third of the group', 'warn', herd(cohort('a', 12, () => 1000, 0, 'before=3'))],
    ['room for more than a third', 'pass', herd(cohort('a', 12, () => 1000, 0, 'before=3.1'))],
    ['room for a third at a cost of 2', 'warn', herd(cohort('a', 12, () => 1000, 0, 'before=6 cost=2'))],
    [
      'refill within the window',
      'pass',
      herd(
        cohort('a', 12, () => 1000),
        [requestLimit(50, 10)],
      ),
    ],
    [
      'a limit missing from the scenario',
      'warn',
      herd(
        cohort('a', 12, () => 1000),
        [requestLimit(50, 10, { name: 'other' })],
      ),
    ],
    ['seven calls', 'inconclusive', herd(cohort('a', 7, () => 1000))],
    [
      'eight refusals of two calls',
      'inconclusive',
      herd(many(2, (call) => many(5, (n) => `c${call}.${n + 1} ${n * 10 + call}-${n * 10 + call + 2} 429`))),
    ],
    [
      'nine retries of three calls that pause equally long',
      'warn',
      herd(many(3, (call) => many(4, (n) => `c${call}.${n + 1} ${n * 20 + call}-${n * 20 + call + 2} 429`))),
    ],
    [
      'refusals one window apart',
      'warn',
      herd(
        many(8, (n) => `c${n}.1 ${n * 100}-${n * 100 + 5} 429\nc${n}.2 1005-1010 429`).replaceAll(
          /(c\d)\.2 1005-1010/g,
          '$1.2 1405-1410',
        ),
      ),
    ],
    [
      'refusals more than one window apart',
      'inconclusive',
      herd(many(8, (n) => `c${n}.1 ${n * 120}-${n * 120 + 5} 429\nc${n}.2 ${n * 120 + 1005}-${n * 120 + 1010} 429`)),
    ],
    ['custom bounds', 'fail', herd(cohort('a', 5, () => 1000)), { members: 5, large: 5, excess: 2, share: '50%' }],
    ['no retries', 'not-applicable', herd('a.1 0-9 429')],
  ]);

  /** The bucket is emptied at 0; these calls then try twice and give up. */
  const givingUp = (callers: number, more = ''): Run =>
    run(`z.1 0-5 200\n${many(callers, (n) => `g${n}.1 ${n}-10 429\ng${n}.2 40-${90 - n} 429`)}\n${more}`, 1, 1);
  expectSheet(givesUpEarly, [
    ['twelve recoverable calls, earliest failure first', 'fail', givingUp(12)],
    [
      'four failures are a share too',
      'fail',
      givingUp(
        4,
        'o.1 0-9 429\n=> o open\ne.1 20-30 429\ne.2 40-50 500\nr.1 20-30 429\nr.2 4040-4050 200\n=> idle error',
      ),
    ],
    [
      'five of fifty calls',
      'warn',
      givingUp(
        5,
        many(44, (n) => `h${n}.1 ${20_000 + n * 1000}-${20_005 + n * 1000} 200`),
      ),
    ],
    [
      'two of two hundred calls (1 %)',
      'pass',
      givingUp(
        2,
        many(197, (n) => `h${n}.1 ${10_000 + n * 1000}-${10_005 + n * 1000} 200`),
      ),
    ],
    [
      'no room within a minute',
      'pass',
      givingUp(
        5,
        many(70, (n) => `b${n}.1 ${(n + 1) * 1000}-${(n + 1) * 1000 + 5} 200`),
      ),
    ],
    ['custom patience', 'fail', givingUp(5), { patience: '3500ms', fail: '20%' }],
    ['no call gave up', 'pass', run('a.1 0-9 429\na.2 2000-2009 200', 1, 1)],
    ['no call ended', 'pass', run('a.1 0-9 429\n=> a open', 1, 1)],
    ['no refusals', 'not-applicable', run('a.1 0-9 200', 1, 1)],
  ]);

  /** Calls at 0, each refused once, then admitted evenly until `lastMs`. */
  const queue = (calls: number, lastMs: number, { before = 10, first = 2 } = {}): string =>
    many(calls, (n) => {
      const atMs = Math.round(first + ((lastMs - first) * n) / (calls - 1));
      return `c${n}.1 0-1 429 before=${before}\nc${n}.2 ${atMs}-${atMs + 9} 200`;
    });
  /** Calls that are all due at 0. */
  const held = (text: string): Run =>
    runOf(
      strip(text).map((record) => (record.type === 'call' ? { ...record, scheduledUs: 0, startUs: 0 } : record)),
      { head: header([requestLimit(10, 10)]) },
    );
  const outage: Fault = { fromUs: 10e6, untilUs: 20e6, does: { kind: 'reset' } };
  const second = requestLimit(100, 100, { name: 'second' });
  /** The same attempts, with a second limit. */
  const seenTwice = (text: string): Run =>
    runOf(
      strip(text).map((record) =>
        record.type === 'call'
          ? record
          : {
              ...record,
              limits: [...record.limits, { ...record.limits[0]!, limit: 'second', bucket: 'second', before: 100 }],
            },
      ),
      { head: header([requestLimit(10, 10), second]) },
    );
  expectSheet(leavesQuotaUnused, [
    ['half unused', 'fail', run(queue(200, 36_500), 10, 10)],
    ['a quarter unused', 'warn', run(queue(201, 25_600), 10, 10), { fail: '26%' }],
    ['a tenth unused', 'pass', run(queue(200, 21_111), 10, 10)],
    ['more used than available by the journal', 'pass', run(queue(200, 15_000), 10, 10)],
    [
      'two periods, each with its own initial level',
      'fail',
      run(
        `${queue(30, 12_000)}\n${queue(30, 12_000)
          .replaceAll('c', 'd')
          .replaceAll(
            / (\d+)-(\d+)/g,
            (_all, from, to) => ` ${Number(from) + 60_000}-${Number(to) + 60_000}`,
          )}\ne.1 30000-30009 200`,
        10,
        10,
      ),
    ],
    ['one call never admitted', 'fail', run(`${queue(30, 12_000)}\nz.1 0-1 429\nz.2 30000-40000 429`, 10, 10)],
    [
      'outages do not count',
      'pass',
      runOf(
        strip(
          many(200, (n) => {
            const atMs = n < 100 ? 2 + n * 100 : 10_000 + n * 100;
            return `c${n}.1 0-1 429 before=10\nc${n}.2 ${atMs}-${atMs + 9} 200`;
          }),
        ),
        {
          head: header([requestLimit(10, 10)], {
            provider: settings({ limits: [requestLimit(10, 10)], faults: [outage] }),
          }),
        },
      ),
    ],
    ['two limits: judges the binding one', 'warn', seenTwice(queue(200, 24_000))],
    ['two limits: judges the configured one', 'fail', seenTwice(queue(200, 24_000)), { limit: 'second' }],
    ['a configured limit that no request met', 'not-applicable', run(queue(200, 24_000), 10, 10), { limit: 'second' }],
    ['nineteen calls are a share too', 'fail', run(queue(19, 12_000), 10, 10)],
    ['less than 10 s of waiting', 'pass', run(queue(20, 9999), 10, 10)],
    ['10 s of waiting', 'fail', run(queue(20, 10_001), 10, 10)],
    ['custom bounds', 'warn', run(queue(20, 12_000), 2, 2), { warn: '1%', fail: '40%', target: '90%', time: '5s' }],
    ['no call waited', 'not-applicable', run('a.1 0-9 200', 10, 10)],
    ['within the window of a limit', 'pass', runOf(strip(queue(30, 12_000)), { head: header([fixedWindow]) })],
    [
      'a window of a limit passes unused',
      'fail',
      runOf(strip(queue(3, 200_004, { first: 200_000 })), { head: header([fixedWindow]) }),
    ],
    [
      'held before the first attempt',
      'fail',
      held(
        many(30, (n) => `c${n}.1 ${n < 3 ? n * 100 : 20_000 + n * 100}-${n < 3 ? n * 100 + 9 : 20_009 + n * 100} 200`),
      ),
    ],
    [
      'held no longer than the quota needs, without its burst',
      'pass',
      held(many(200, (n) => `c${n}.1 ${n * 101}-${n * 101 + 9} 200`)),
    ],
  ]);

  const crowd = (together: number, waves: number, everyMs = 10_000, lastsMs = 2000): string =>
    many(waves, (wave) => many(together, (n) => `w${wave}x${n}.1 ${wave * everyMs}-${wave * everyMs + lastsMs} 200`));
  expectSheet(concurrencyBlowUp, [
    [
      'forty at once, beside a finished and a long attempt',
      'warn',
      run(
        `o.1 0-9000 200\np.1 0-5000 200\nl.1 4000-9500 429\n${crowd(40, 2).replaceAll(/ (\d+)-(\d+)/g, (_all, from, to) => ` ${Number(from) + 5000}-${Number(to) + 5000}`)}`,
        1,
        5,
      ),
    ],
    ['seventy: 10 × usable', 'warn', run(crowd(70, 1), 1, 5)],
    ['seventy-one: above 10 × usable', 'fail', run(crowd(71, 1), 1, 5)],
    ['twenty-one: 3 × usable', 'pass', run(crowd(21, 3), 1, 5)],
    ['less than one usable', 'fail', run(crowd(25, 2, 10_000, 100), 0.1, 0)],
    [
      'two limits: the tighter one counts',
      'fail',
      runOf(
        strip(crowd(40, 2)).map((record) =>
          record.type === 'call'
            ? record
            : { ...record, limits: [...record.limits, { ...record.limits[0]!, limit: 'second', bucket: 'second' }] },
        ),
        { head: header([requestLimit(1, 1), second]) },
      ),
    ],
    ['forty-nine admitted attempts', 'inconclusive', run(`${crowd(49, 1)}\nr.1 0-9 429`, 1, 5)],
    ['few attempts, no more than usable', 'pass', run(crowd(5, 2), 1, 5)],
    ['fifty admitted attempts', 'warn', run(crowd(50, 1), 1, 5)],
    ['custom bounds', 'pass', run(crowd(40, 1), 1, 5), { warn: 9, fail: 12, needed: 40 }],
    ['no limit', 'not-applicable', runOf(strip(crowd(50, 1)), { head: header([]) })],
  ]);

  const vus = (count: number, rest: object = {}) =>
    ({ executor: 'constant-vus', vus: count, durationUs: 20e6, wait: null, ...rest }) as never;
  const RAMPING = {
    executor: 'ramping-vus',
    startVus: 1,
    stages: [{ durationUs: 9e6, target: 9 }],
    wait: null,
  } as never;
  /** `answered[vu]` replies to `calls` calls for each VU. */
  const shares = (answered: readonly number[], calls = 20, load = [vus(answered.length)], firstVu = 1): Run =>
    runOf(
      strip(
        answered
          .map((count, vu) =>
            many(calls, (n) => {
              const atMs = n * 1000 + vu;
              return `v${vu}n${n}.1 ${atMs}-${atMs + 9} ${n < count ? 200 : 429}\n=> v${vu}n${n} ${n < count ? 'ok' : 'error'} vu=${vu + firstVu}`;
            }),
          )
          .join('\n'),
      ),
      { head: header(undefined, { load }) },
    );
  expectSheet(starvesCallers, [
    ['one caller gets 1, the others 20', 'fail', shares([20, 20, 20, 20, 1])],
    ['one caller gets nothing', 'fail', shares([20, 20, 0, 20, 20])],
    ['one caller gets half', 'pass', shares([20, 20, 20, 20, 9])],
    ['one caller gets 60 of 120', 'pass', shares([120, 118, 119, 120, 60], 120)],
    ['one caller gets 50 of 120', 'fail', shares([120, 118, 119, 120, 50], 120)],
    ['one VU without calls', 'fail', shares([20, 20, 20, 19], 20, [vus(5)])],
    ['the larger of two loads, after the smaller', 'fail', shares([20, 20, 20, 20, 1], 20, [vus(2), vus(5)], 3)],
    [
      'beside an open load that is larger',
      'fail',
      shares([20, 20, 20, 20, 1], 20, [vus(9, { executor: 'shared-iterations', iterations: 9 }), vus(5)], 10),
    ],
    ['after a ramping load of nine VUs', 'fail', shares([20, 20, 20, 20, 1], 20, [RAMPING, vus(5)], 10)],
    ['four callers', 'inconclusive', shares([20, 20, 20, 1])],
    ['fewer than ten replies each', 'inconclusive', shares([10, 10, 10, 10, 9])],
    ['custom minimum: ten replies each for two callers', 'pass', shares([10, 10]), { callers: 2, answers: 10 }],
    ['custom bounds', 'pass', shares([20, 20, 20, 20, 2]), { least: '10%' }],
    ['one caller', 'not-applicable', shares([10])],
    ['no refusals', 'not-applicable', shares([20, 20])],
  ]);

  /** Requests in whole minutes, at the given milliseconds of each. */
  const minutes = (
    count: number,
    of: (minute: number) => readonly number[],
    { scheduled = 'spread', head = header(), endMs = count * 60_000 } = {},
  ): Run =>
    runOf(
      strip(
        many(count, (minute) =>
          of(minute)
            .map((ms, n) => `m${minute}x${n}.1 ${minute * 60_000 + ms}-${minute * 60_000 + ms + 5} 200`)
            .join('\n'),
        ),
      ).map((record, index) =>
        record.type === 'call' && scheduled === 'spread'
          ? { ...record, scheduledUs: (index * 7_000_000) % (count * 60_000_000) }
          : record,
      ),
      { head, endMs },
    );
  const even = Array.from({ length: 20 }, (_, n) => n * 3000);
  /** `count` requests in the first 6 s, and two in each following 6 s. */
  const early = (count: number) => [...Array.from({ length: count }, (_, n) => n * 100), ...even.slice(2)];
  expectSheet(burstsAtWindowBoundary, [
    [
      'eight of ten minutes, the fourth is the worst',
      'fail',
      minutes(10, (minute) => (minute < 8 ? early(minute === 3 ? 14 : 9) : even)),
    ],
    ['two of five minutes (chance)', 'pass', minutes(5, (minute) => (minute < 2 ? early(9) : even))],
    ['three of five minutes', 'fail', minutes(5, (minute) => (minute < 3 ? early(9) : even))],
    ['even load', 'pass', minutes(10, () => even)],
    [
      '20 % above even',
      'pass',
      minutes(10, () => [
        ...Array.from({ length: 12 }, (_, n) => n * 10),
        ...Array.from({ length: 88 }, (_, n) => 6000 + (n % 9) * 6000),
      ]),
    ],
    [
      'more than 20 % above even',
      'fail',
      minutes(10, () => [
        ...Array.from({ length: 13 }, (_, n) => n * 10),
        ...Array.from({ length: 88 }, (_, n) => 6000 + (n % 9) * 6000),
      ]),
    ],
    [
      'ties with another tenth count half',
      'fail',
      minutes(30, () => [...early(9), ...Array.from({ length: 7 }, (_, n) => 30_000 + n)]),
    ],
    ['the scheduled load has the same bursts', 'pass', minutes(10, () => early(9), { scheduled: 'as sent' })],
    [
      'a window limit',
      'pass',
      minutes(10, () => early(9), { head: header([requestLimit(1, 1, { name: 'other' }), fixedWindow]) }),
    ],
    ['four minutes with enough requests', 'inconclusive', minutes(6, (minute) => (minute < 4 ? early(9) : early(1)))],
    ['a run of four minutes', 'not-applicable', minutes(4, () => early(9))],
    ['enough minutes with too few requests', 'inconclusive', minutes(5, () => even.slice(1))],
    ['custom bounds', 'fail', minutes(3, () => early(5).slice(0, 15)), { minutes: 3, arrivals: 10 }],
  ]);

  const started = (calls: number, { level = 10, perSecond = 1 } = {}): Run =>
    run(
      `${many(calls, (n) => `c${n}.1 ${5000 + n}-${6010 + n} 200 before=${n === 0 ? level : 0}`)}\nr.1 4999-5005 429\nr.2 5500-5510 200\nl.1 6000-6001 200`,
      perSecond,
      10,
    );
  expectSheet(restartStampede, [
    ['forty starts, room for eleven', 'warn', started(40), { starts: ['5s'] }],
    ['111 starts', 'fail', started(111), { starts: ['5s'] }],
    ['110 starts', 'warn', started(110), { starts: ['5s'] }],
    ['33 starts', 'pass', started(33), { starts: ['5s'] }],
    ['no room counts as one request', 'fail', started(20, { level: 0, perSecond: 0.1 }), { starts: ['5s'] }],
    ['the worst of three starts', 'fail', started(40), { starts: ['0s', '5s', '5010ms'] }],
    ['the worst of three starts, listed first', 'fail', started(40), { starts: ['5010ms', '5s', '0s'] }],
    ['nineteen starts, room for more than half', 'pass', started(19), { starts: ['0s', '5s'] }],
    ['fewer starts than needed', 'inconclusive', started(40), { starts: ['5s'], needed: 41 }],
    [
      'no limit',
      'pass',
      runOf(strip(many(40, (n) => `c${n}.1 ${n}-${n + 5} 200`)), { head: header([]) }),
      { starts: ['0s'] },
    ],
    ['custom bounds', 'fail', started(19), { starts: ['5s'], needed: 5, warn: 1, fail: 1.5 }],
    ['no starts declared', 'not-applicable', started(40)],
  ]);

  const first: Fault = { fromUs: 60e6, untilUs: 90e6, does: { kind: 'status', status: 503 } };
  const later: Fault = { fromUs: 360e6, untilUs: 390e6, does: { kind: 'status', status: 503 } };
  const charged = requestLimit(10, 10, { chargeRejected: 'requests' });
  /**
   * Six calls per second throughout, unanswered in outages and in the ranges given: with an attempt, or in the client without one.
   */
  const film = (
    lost: readonly { fromS: number; untilS: number; silent?: boolean }[],
    { endS = 300, limits = [requestLimit(10, 10)], faults = [first] } = {},
  ): Run =>
    runOf(
      strip(
        many(endS, (second) => {
          const shut = faults.some(({ fromUs, untilUs }) => second >= fromUs / 1e6 && second < untilUs / 1e6);
          const range = lost.find(({ fromS, untilS }) => second >= fromS && second < untilS);
          return many(6, (n) => {
            const atMs = second * 1000 + n * 40;
            if (range?.silent) return `=> s${second}x${n} error at=${atMs} until=${atMs}`;
            return `s${second}x${n}.1 ${atMs}-${atMs + 20} ${shut || range ? 503 : 200}`;
          });
        }),
      ),
      { head: header(limits, { provider: settings({ limits, faults }) }), endMs: endS * 1000 },
    );
  const until = (untilS: number, fromS = 90) => [{ fromS, untilS }];
  expectSheet(doesNotRecover, [
    ['recovery after more than 1 m', 'fail', film(until(151))],
    ['recovery after 1 m', 'warn', film(until(150))],
    ['recovery after 30 s', 'pass', film(until(120))],
    ['recovery after 31 s', 'warn', film(until(121))],
    ['recovery at once', 'pass', film([])],
    ['a breaker that never closes', 'fail', film([{ fromS: 65, untilS: 300, silent: true }])],
    ['a breaker that closes after 20 s', 'pass', film([{ fromS: 65, untilS: 110, silent: true }])],
    [
      'a third of the workers is dead',
      'fail',
      runOf(
        strip(
          many(300, (second) =>
            many(6, (n) => {
              const atMs = second * 1000 + n * 40;
              if (second >= 90 && n < 2) return `=> s${second}x${n} open at=${atMs} until=300000`;
              return `s${second}x${n}.1 ${atMs}-${atMs + 20} ${second >= 60 && second < 90 ? 503 : 200}`;
            }),
          ),
        ),
        {
          head: header([requestLimit(10, 10)], {
            provider: settings({ limits: [requestLimit(10, 10)], faults: [first] }),
          }),
          endMs: 300_000,
        },
      ),
    ],
    [
      'answers that come a minute late',
      'fail',
      runOf(
        strip(
          many(300, (second) => {
            const late = second >= 60 ? 60_000 : 0;
            const atMs = second * 1000;
            return late === 0
              ? `s${second}.1 ${atMs}-${atMs + 20} 200`
              : `s${second}.1 ${atMs + late}-${atMs + late + 20} 200\n=> s${second} ok at=${atMs}`;
          }),
        ),
        {
          head: header([requestLimit(10, 10)], {
            provider: settings({ limits: [requestLimit(10, 10)], faults: [first] }),
          }),
          endMs: 400_000,
        },
      ),
      { calls: 30 },
    ],
    [
      'the worse of two outages',
      'warn',
      film([...until(100), ...until(430, 390)], { faults: [first, later], endS: 600 }),
    ],
    [
      'the worse of two outages, first',
      'warn',
      film([...until(130), ...until(395, 390)], { faults: [first, later], endS: 600 }),
    ],
    [
      'one of two limits charges refused requests',
      'fail',
      film(until(300), { limits: [requestLimit(10, 10), { ...charged, name: 'other' }] }),
    ],
    ['the run ended too soon', 'inconclusive', film(until(145), { endS: 145 })],
    ['custom bounds', 'pass', film(until(155)), { warn: '2m', fail: '3m', calls: 10 }],
    ['too few affected calls', 'inconclusive', film(until(155)), { calls: 181 }],
    ['exactly enough affected calls', 'fail', film(until(155)), { calls: 180 }],
    [
      'no outage, but vulnerable to one',
      'warn',
      film([], {
        faults: [],
        endS: 50,
        limits: [
          { ...requestLimit(1, 1), name: 'other' },
          { ...charged, spec: requestLimit(5, 5).spec },
        ],
      }),
    ],
    ['no outage, sufficient refill', 'not-applicable', film([], { faults: [], endS: 50, limits: [charged] })],
    ['no outage, refusals not charged', 'not-applicable', film([], { faults: [], endS: 50 })],
    ['no outage, no calls', 'not-applicable', runOf(strip('=> idle error'), { head: header([charged]) })],
  ]);
});
