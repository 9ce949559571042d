import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../mock-server/faults/fault.ts';
import { randomFor } from '../../../../mock-server/random.ts';
import { burstsAtWindowBoundary } from '../../../../src/analysis/verdicts/bursts-at-window-boundary.ts';
import { concurrencyBlowUp } from '../../../../src/analysis/verdicts/concurrency-blow-up.ts';
import { doesNotRecover } from '../../../../src/analysis/verdicts/does-not-recover.ts';
import { leavesQuotaUnused } from '../../../../src/analysis/verdicts/leaves-quota-unused.ts';
import { restartStampede } from '../../../../src/analysis/verdicts/restart-stampede.ts';
import { starvesCallers } from '../../../../src/analysis/verdicts/starves-callers.ts';
import { settings } from '../../../mock-server/openai-provider.ts';
import { header, requestLimit, runOf, strip } from '../strip.ts';

const MINUTE_MS = 60_000;

describe('leaves-quota-unused', () => {
  /** 200 calls at 0, each refused once, the n-th admitted at `atMs(n)`; a bucket of 10 that refills 10 a second. */
  const burst = (atMs: (n: number) => number) =>
    runOf(
      strip(
        Array.from(
          { length: 200 },
          (_, n) => `c${n}.1 0-1 429 before=10\nc${n}.2 ${Math.round(atMs(n))}-${Math.round(atMs(n)) + 9} 200`,
        ).join('\n'),
      ),
      { head: header([requestLimit(10, 10)]) },
    );

  it('backoff.md 3.19: the last of 200 calls is admitted after 36.5 s', () => {
    const finding = leavesQuotaUnused.judge(burst((n) => 2 + ((36_500 - 2) * n) / 199));
    expect(finding.status).toBe('fail');
    // backoff.md counts the burst of 10 as quota too: 47 %.
    expect(finding.figure).toBeCloseTo(0.455, 3);
    expect(finding.reason).toBe(
      'Between 0s and 36.5s the quota could have admitted 200 calls; up to 96 of them were missing at once, ' +
        'waiting by themselves for up to 17.5s after a refusal while 46 % of the quota was free.',
    );
  });

  it.each([
    ['a queue at the rate of the bucket', 19_000, 'pass'],
    ['a queue at 90 % of that rate', 21_111, 'pass'],
    ['20 % unused', 24_000, 'warn'],
  ])('%s', (_name, lastMs, status) => {
    expect(leavesQuotaUnused.judge(burst((n) => 2 + ((lastMs - 2) * n) / 199)).status).toBe(status);
  });

  it('accepts a lower target', () => {
    const half = burst((n) => 2 + (38_000 * n) / 199);
    expect(leavesQuotaUnused.judge(half).status).toBe('fail');
    expect(leavesQuotaUnused.judge(half, { target: '50%' }).status).toBe('pass');
  });

  it('judges a single call, which has to wait for long', () => {
    const alone = (waitMs: number) =>
      leavesQuotaUnused.judge(runOf(strip(`a.1 0-1 429\na.2 ${waitMs}-${waitMs + 1} 200`)));
    expect(alone(20_000).status).toBe('fail');
    expect(alone(9000).status).toBe('pass');
    expect(leavesQuotaUnused.judge(runOf(strip('a.1 0-1 200'))).status).toBe('not-applicable');
  });

  /** What eight callers do whose client sends one of their calls every `everyMs`: a bucket of two that refills 1/s, for 200 s. */
  const inTurn = (everyMs: number, load: object, pauseMs: (endMs: number) => number = () => 0) => {
    const freeAtMs = Array.from({ length: 8 }, () => 0);
    const lines = Array.from({ length: 200_000 / everyMs }, (_, n) => {
      const fromMs = freeAtMs[n % 8]!;
      const atMs = Math.max(fromMs, n * everyMs);
      freeAtMs[n % 8] = atMs + 300 + pauseMs(atMs + 300);
      return `c${n}.1 ${atMs}-${atMs + 300} 200\n=> c${n} ok at=${fromMs} vu=${(n % 8) + 1} until=${atMs + 300}`;
    });
    const closed = { vus: 8, startUs: 0, gracefulStopUs: 0, durationUs: 200e6, wait: { kind: 'none' }, ...load };
    return leavesQuotaUnused.judge(
      runOf(strip(lines.join('\n')), { head: header([requestLimit(1, 2)], { load: [closed as never] }) }),
    );
  };

  it('callers who wait for each other start no further calls: half of the quota is never asked for', () => {
    const found = inTurn(2000, { executor: 'constant-vus' });
    expect(found.status).toBe('fail');
    expect(found.figure).toBeCloseTo(0.5, 1);
    expect(found.reason).toMatch(
      /the quota could have admitted 20\d calls, but only 100 were made: callers whose calls wait start no others, and these were late, held in the client for up to 15\.7s .* while 5\d % of the quota was free\.$/,
    );
  });

  it.each([
    ['a queue at the rate of the quota', 1020, { executor: 'constant-vus' }],
    [
      'calls that are numbered: none is lost',
      2000,
      { executor: 'per-vu-iterations', iterations: 13, maxDurationUs: 300e6 },
    ],
    [
      'starts that are paced: the next one is due no earlier',
      2000,
      { executor: 'constant-vus', wait: { kind: 'constant-pacing', periodUs: 17e6 } },
    ],
  ])('%s', (_name, everyMs, load) => {
    expect(inTurn(everyMs, load).status).toBe('pass');
  });
});

describe('concurrency-blow-up', () => {
  const crowd = (together: number, waves: number) =>
    runOf(
      strip(
        Array.from({ length: waves }, (_, wave) =>
          Array.from({ length: together }, (_, n) => {
            const atMs = wave * 10_000;
            return `w${wave}x${n}.1 ${atMs}-${atMs + 2000} 200`;
          }),
        )
          .flat()
          .join('\n'),
      ),
      { head: header([requestLimit(1, 5)]) },
    );

  it('backoff.md 3.20: 40 at once, 7 usable', () => {
    const finding = concurrencyBlowUp.judge(crowd(40, 2));
    expect(finding).toMatchObject({ status: 'warn', figure: 40 / 7, n: 80 });
    expect(finding.reason).toContain('the quota can use 7. Largest rise in one second: 40 attempts (40×');
  });

  it.each([
    ['seven', 7, 'pass'],
    ['a hundred', 100, 'fail'],
  ])('%s at once', (_name, together, status) => {
    expect(concurrencyBlowUp.judge(crowd(together, 10)).status).toBe(status);
  });

  /** A call a second that is answered after 2 s, and `held` attempts of 30 s, each a second after the one before. */
  const slowly = (held: string) =>
    runOf(
      strip(
        Array.from(
          { length: 60 },
          (_, n) => `a${n}.1 ${n * 1000}-${n * 1000 + 2000} 200\nh${n}.1 ${n * 1000}-${n * 1000 + 30_000} ${held}`,
        ).join('\n'),
      ),
      { head: header([requestLimit(1, 5)]) },
    );

  it('an attempt that a fault holds is open by the provider: it counts for as long as an answer takes', () => {
    // Thirty of them are open at once, and two or three that are answered.
    expect(concurrencyBlowUp.judge(slowly('timeout'))).toMatchObject({ status: 'warn', figure: 32 / 7 });
    expect(concurrencyBlowUp.judge(slowly('timeout fault=hang'))).toMatchObject({ status: 'pass', figure: 4 / 7 });
    expect(concurrencyBlowUp.judge(slowly('200 fault=slow')).status).toBe('pass');
    expect(concurrencyBlowUp.judge(slowly('cut fault=stall')).status).toBe('pass');
    // What a fault answers at once is no excuse for attempts that stay open.
    expect(concurrencyBlowUp.judge(slowly('timeout fault=reset')).status).toBe('warn');
  });

  it('a burst is one, whether the provider holds it or not', () => {
    const hung = Array.from({ length: 100 }, (_, n) => `h${n}.1 9000-30000 timeout fault=hang`).join('\n');
    const answered = Array.from({ length: 60 }, (_, n) => `a${n}.1 ${n * 1000}-${n * 1000 + 2000} 200`).join('\n');
    const run = runOf(strip(`${answered}\n${hung}`), { head: header([requestLimit(1, 5)]) });
    expect(concurrencyBlowUp.judge(run).status).toBe('fail');
  });

  it('needs fifty admitted attempts and a limit', () => {
    expect(concurrencyBlowUp.judge(crowd(40, 1)).status).toBe('inconclusive');
    expect(concurrencyBlowUp.judge(crowd(5, 1)).status).toBe('pass');
    expect(concurrencyBlowUp.judge(runOf([])).status).toBe('not-applicable');
  });
});

describe('starves-callers', () => {
  const shares = (answered: readonly number[]) =>
    runOf(
      strip(
        answered
          .flatMap((count, vu) =>
            Array.from({ length: 20 }, (_, n) => {
              const name = `v${vu}n${n}`;
              const atMs = n * 1000 + vu;
              return `${name}.1 ${atMs}-${atMs + 9} ${n < count ? 200 : 429}\n=> ${name} ${n < count ? 'ok' : 'error'} vu=${vu + 1}`;
            }),
          )
          .join('\n'),
      ),
      {
        head: header(undefined, {
          load: [{ executor: 'constant-vus', vus: answered.length, durationUs: 20e6, wait: null } as never],
        }),
      },
    );

  it('backoff.md 3.17: one caller gets 1, the others 20', () => {
    const finding = starvesCallers.judge(shares([20, 20, 20, 20, 1]));
    expect(finding).toMatchObject({ status: 'fail', n: 5 });
    expect(finding.figure).toBeCloseTo(81 ** 2 / (5 * 1601), 5);
    expect(finding.reason).toMatch(
      /^Fairness index 0.82 \(chance: at least 0.8\d+\)\. .* the worst-off \(VU 5\) got 1\.$/,
    );
  });

  it.each([
    ['equal shares', [15, 16, 14, 15, 15], 'pass'],
    ['one caller gets half', [20, 20, 20, 20, 10], 'pass'],
    ['four callers', [20, 20, 20, 1], 'inconclusive'],
    ['three replies per caller', [3, 3, 3, 3, 0], 'inconclusive'],
    ['no refusals', [20, 20, 20, 20, 20], 'not-applicable'],
  ])('%s', (_name, answered, status) => {
    expect(starvesCallers.judge(shares(answered)).status).toBe(status);
  });

  it('does not apply to an open load', () => {
    expect(starvesCallers.judge(runOf(strip('a.1 0-1 429'))).status).toBe('not-applicable');
  });
});

describe('bursts-at-window-boundary', () => {
  /** Minutes with `per` requests; `top` of them have most in their first second. */
  const minutes = (count: number, top: number, per = 24, plannedToo = false) => {
    const random = randomFor(count, 'strip');
    const lines = Array.from({ length: count }, (_, minute) =>
      Array.from({ length: per }, (_, n) => {
        const early = minute < top && n < per * 0.7;
        const atMs = minute * MINUTE_MS + Math.floor(random() * (early ? 1000 : MINUTE_MS - 10));
        return `m${minute}x${n}.1 ${atMs}-${atMs + 5} 200`;
      }),
    ).flat();
    const records = strip(lines.join('\n')).map((record) =>
      record.type === 'call' && !plannedToo ? { ...record, scheduledUs: Math.floor(random() * count * 60e6) } : record,
    );
    return { records, endMs: count * MINUTE_MS };
  };
  const judged = ({ records, endMs }: ReturnType<typeof minutes>, head = header()) =>
    burstsAtWindowBoundary.judge(runOf(records, { head, endMs }));

  it('backoff.md 3.18: eight of ten minutes', () => {
    const finding = judged(minutes(10, 8));
    expect(finding).toMatchObject({ status: 'fail', n: 10 });
    expect(finding.figure).toBeGreaterThanOrEqual(0.8);
    expect(finding.reason).toMatch(/^\d+ of 10 minutes .* \(chance: up to 4\)\.$/);
    expect(finding.evidence[0]!.what).toMatch(/of this minute's 24 requests came in its first 6 s/);
  });

  it.each([
    [5, 2],
    [10, 4],
    [15, 5],
    [30, 7],
    [60, 12],
  ])('%i minutes: chance explains up to %i', (count, most) => {
    expect(judged(minutes(count, 0)).reason).toContain(`(chance: up to ${most})`);
  });

  it('passes if the load is scheduled so or the client obeys a window limit', () => {
    expect(judged(minutes(10, 8, 24, true))).toMatchObject({
      status: 'pass',
      reason: expect.stringMatching(/the scheduled load/),
    });
    const window = requestLimit(5, 5, {
      spec: { algorithm: 'fixed-window', amount: 5, windowUs: 60e6, anchor: 'clock' },
    });
    expect(judged(minutes(10, 8), header([window]))).toMatchObject({
      status: 'pass',
      reason: expect.stringMatching(/limit requests resets/),
    });
  });

  it('needs five minutes with twenty requests each', () => {
    expect(judged(minutes(4, 4)).status).toBe('not-applicable');
    expect(judged(minutes(10, 8, 10)).status).toBe('inconclusive');
  });

  it('has at most 1 % false alarms, however bursty the arrivals', () => {
    let alarms = 0;
    for (let seed = 0; seed < 300; seed++) {
      const random = randomFor(seed, 'bursty');
      const starts = Array.from({ length: 40 }, () => Math.floor(random() * 10 * MINUTE_MS));
      const lines = starts.flatMap((atMs, burst) =>
        Array.from({ length: 10 }, (_, n) => `b${burst}x${n}.1 ${atMs + n * 50}-${atMs + n * 50 + 5} 200`),
      );
      const records = strip(lines.join('\n')).map((record) =>
        record.type === 'call' ? { ...record, scheduledUs: 0 } : record,
      );
      if (judged({ records, endMs: 10 * MINUTE_MS }).status === 'fail') alarms++;
    }
    expect(alarms).toBeLessThanOrEqual(6);
  }, 60_000);
});

describe('restart-stampede', () => {
  const start = (calls: number) =>
    runOf(
      strip(Array.from({ length: calls }, (_, n) => `c${n}.1 ${n}-${n + 5} 200 before=${n === 0 ? 10 : 0}`).join('\n')),
      {
        head: header([requestLimit(1, 10)]),
      },
    );

  it('backoff.md 3.15: 40 at the start, room for 11', () => {
    const finding = restartStampede.judge(start(40), { starts: ['0s'] });
    expect(finding).toMatchObject({ status: 'warn', figure: 40 / 11 });
    expect(finding.evidence).toHaveLength(10);
  });

  it.each([
    [150, { starts: ['0s'] }, 'fail'],
    [30, { starts: ['0s'] }, 'pass'],
    [19, { starts: ['0s'] }, 'pass'],
    [40, { starts: ['0s'], needed: 41 }, 'inconclusive'],
    [40, { starts: ['5s'] }, 'not-applicable'],
    [40, {}, 'not-applicable'],
  ])('%i calls, %j: %s', (calls, written, status) => {
    expect(restartStampede.judge(start(calls), written).status).toBe(status);
  });
});

describe('does-not-recover', () => {
  const OUTAGE: Fault = { fromUs: 60e6, untilUs: 90e6, does: { kind: 'status', status: 503 } };
  const outage = (faults: readonly Fault[] = [OUTAGE]) =>
    header([requestLimit(10, 10)], { provider: settings({ limits: [requestLimit(10, 10)], faults }) });
  /** Six calls per second throughout, unanswered from the outage until `untilS`. */
  const film = (untilS: number) => {
    const lines = Array.from({ length: 300 }, (_, second) =>
      Array.from({ length: 6 }, (_, n) => {
        const atMs = second * 1000 + n * 50;
        return `s${second}x${n}.1 ${atMs}-${atMs + 20} ${second >= 60 && second < untilS ? 503 : 200}`;
      }),
    ).flat();
    return runOf(strip(lines.join('\n')), { head: outage(), endMs: 300_000 });
  };

  it.each([
    ['recovery after 20 s', film(110), 'pass', 20],
    ['recovery after 50 s', film(140), 'warn', 50],
    ['recovery after 70 s', film(160), 'fail', 70],
  ])('%s', (_name, run, status, tookS) => {
    const finding = doesNotRecover.judge(run);
    expect(finding.status).toBe(status);
    expect(Math.abs(finding.figure! - tookS)).toBeLessThanOrEqual(1);
  });

  it('backoff.md 3.13: no recovery and no goodput', () => {
    const finding = doesNotRecover.judge(film(300));
    expect(finding).toMatchObject({ status: 'fail', figure: 210 });
    expect(finding.reason).toMatch(/^Calls were not answered again in the 3m30s after .* 1260 of 1260 calls/);
  });

  it('needs an outage, affected calls, and two minutes after it', () => {
    const calm = runOf(strip('a.1 0-10 200'), { head: outage() });
    expect(doesNotRecover.judge(calm).status).toBe('not-applicable');
    const few = runOf(strip('a.1 40000-40010 200\na.2 70000-70010 503'), { head: outage(), endMs: 300_000 });
    expect(doesNotRecover.judge(few).status).toBe('inconclusive');
    const short = runOf(strip('a.1 0-10 200'), { head: outage([{ ...OUTAGE, untilUs: 65e6 }]), endMs: 300_000 });
    expect(doesNotRecover.judge(short).status).toBe('not-applicable');
  });

  it('warns without an outage if refusals are charged and retries could use the whole refill', () => {
    const charged = header([requestLimit(10, 10, { chargeRejected: 'requests' })]);
    const calls = Array.from(
      { length: 40 },
      (_, n) =>
        `c${n}.1 ${n * 250}-${n * 250 + 9} 429\nc${n}.2 ${n * 250 + 99}-${n * 250 + 120} 429\nc${n}.3 ${n * 250 + 150}-${n * 250 + 160} 200`,
    ).join('\n');
    const finding = doesNotRecover.judge(runOf(strip(calls), { head: charged, endMs: 10_000 }));
    expect(finding).toMatchObject({
      status: 'warn',
      figure: null,
      reason: expect.stringContaining('1.2× the refill'),
    });
    expect(
      doesNotRecover.judge(runOf(strip(calls), { head: header([requestLimit(10, 10)]), endMs: 10_000 })).status,
    ).toBe('not-applicable');
  });
});
