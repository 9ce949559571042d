import { describe, expect, it } from 'vitest';
import { hedges } from '../../../../src/analysis/verdicts/hedges.ts';
import { hidesRetries } from '../../../../src/analysis/verdicts/hides-retries.ts';
import { layeredRetries } from '../../../../src/analysis/verdicts/layered-retries.ts';
import { noDeadline } from '../../../../src/analysis/verdicts/no-deadline.ts';
import { repeatsWithoutKey } from '../../../../src/analysis/verdicts/repeats-without-key.ts';
import { retriesImpossibleRequest } from '../../../../src/analysis/verdicts/retries-impossible-request.ts';
import { retriesNonRetryable } from '../../../../src/analysis/verdicts/retries-non-retryable.ts';
import { unboundedRetries } from '../../../../src/analysis/verdicts/unbounded-retries.ts';
import { header, repeated, requestLimit, runOf, strip } from '../strip.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string, copies = 1, endMs?: number) =>
  runOf(copies === 1 ? strip(text) : repeated(text, copies, 60_000), { head, ...(endMs !== undefined && { endMs }) });

const BILLING = `
  a.1 0-10 429 code=insufficient_quota admitAt=900
  a.2 480-490 429 code=insufficient_quota admitAt=900
  a.3 1400-1410 429 code=insufficient_quota admitAt=900
`;

describe('retries-non-retryable', () => {
  it('backoff.md 3.10: one retried 400 fails', () => {
    const finding = retriesNonRetryable.judge(
      run(`${BILLING}\nb.1 0-10 400 code=context_length_exceeded\nb.2 4010-4020 400 code=context_length_exceeded`),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 3 });
    expect(finding.evidence.map(({ what }) => what)).toContain('400 context_length_exceeded, retried unchanged');
  });

  it('a billing refusal retried twice, as SDKs do, warns', () => {
    expect(retriesNonRetryable.judge(run(BILLING))).toMatchObject({ status: 'warn', figure: 2, n: 3 });
    expect(retriesNonRetryable.judge(run(BILLING), { fail: 2 })).toMatchObject({ status: 'fail' });
  });

  it('says what they cost: the waits with the attempts after them, the bytes, the tokens charged', () => {
    expect(retriesNonRetryable.judge(run('a.1 0-30 401\na.2 500-530 401\na.3 2000-2030 401')).reason).toBe(
      '2 futile retries, up to 2 in one call, after 401. They cost 2s, 20 bytes of requests and no tokens.',
    );
    const charging = header([requestLimit(5, 5, { unit: 'tokens', chargeRejected: 'all' })]);
    const billing = 'a.1 0-30 429 code=insufficient_quota cost=70\na.2 500-530 429 code=insufficient_quota cost=70';
    expect(retriesNonRetryable.judge(runOf(strip(billing), { head: charging })).reason).toContain('and 70 tokens.');
  });

  it('counts the calls of a job together, across its ticks', () => {
    const tick = (name: string, atMs: number): string =>
      `${name}.1 ${atMs}-${atMs + 30} 401 body=x\n=> ${name} error job=j`;
    const text = [0, 30_000, 60_000].map((atMs, n) => tick(`c${n}`, atMs)).join('\n');
    const finding = retriesNonRetryable.judge(run(text));
    expect(finding).toMatchObject({ status: 'fail', figure: 2 });
    expect(finding.reason).toContain('up to 2 in one job');
    expect(retriesNonRetryable.judge(run(text.replaceAll(' job=j', ''))).status).toBe('pass');
  });

  it('a second copy that was under way when the refusal came is no retry', () => {
    expect(retriesNonRetryable.judge(run('a.1 0-300 401\na.2 100-400 401')).status).toBe('pass');
  });

  it.each([
    ['retried three times', `${BILLING}\na.4 3000-3010 429 code=insufficient_quota admitAt=900`, 'fail'],
    ['x-should-retry: false, retried', 'a.1 0-10 429 should=false admitAt=9\na.2 500-510 200', 'warn'],
    ['not retried', 'a.1 0-10 429 code=insufficient_quota admitAt=9', 'pass'],
    ['a different body is a different request', 'a.1 0-10 400 body=x\na.2 20-30 200 body=y', 'pass'],
    ['409 is retryable', 'a.1 0-10 409\na.2 500-510 200', 'not-applicable'],
    ['a rate limit is retryable', 'a.1 0-10 429 code=rate_limit_exceeded admitAt=9\na.2 500-510 200', 'not-applicable'],
    [
      'type insufficient_quota counts like the code',
      'a.1 0-9 429 type=insufficient_quota admitAt=9\na.2 20-30 200',
      'warn',
    ],
    ...[401, 403, 404, 405, 410, 413, 422].map((status) => [
      `${status}`,
      `a.1 0-9 ${status}\na.2 20-30 ${status}`,
      'fail',
    ]),
  ])('%s', (_name, text, status) => {
    expect(retriesNonRetryable.judge(run(text)).status).toBe(status);
  });
});

describe('retries-impossible-request', () => {
  it('backoff.md 3.27: a call of 200 tokens that hangs with no attempt, at a limit of 100 a minute', () => {
    const head = header(
      [
        requestLimit(100 / 60, 100, {
          unit: 'tokens',
          spec: { algorithm: 'token-bucket', capacity: 100, refill: { amount: 100, periodUs: 60e6 } },
        }),
      ],
      {
        call: { model: 'gpt-4o-mini', stream: false, prompt: 'x'.repeat(750) },
      },
    );
    const finding = retriesImpossibleRequest.judge(runOf(strip('=> a open until=600000'), { head, endMs: 600_000 }));
    expect(finding).toMatchObject({ status: 'fail', n: 1 });
    expect(finding.evidence[0]).toMatchObject({ call: 1, attempt: null, atUs: 0 });
    expect(finding.evidence[0]!.what).toMatch(/^\d+ tokens, limit 100, open for 10m with no attempt$/);
  });

  it('tells the size, and the calls that wait behind it', () => {
    const behind = Array.from({ length: 9 }, (_, n) => `=> h${n} open until=60000`).join('\n');
    const text = `a.1 0-10 429 cost=9\na.2 500-510 429 cost=9\na.3 1500-1510 429 cost=9\n=> a open until=60000\n${behind}`;
    expect(retriesImpossibleRequest.judge(run(text)).reason).toBe(
      '1 call needed more than a limit holds (9 requests, limit 5), retried up to 2 times. ' +
        '9 other calls waited behind them and sent nothing.',
    );
  });

  it('retried although larger than the bucket', () => {
    const text = 'a.1 0-10 429 cost=9\na.2 500-510 429 cost=9\na.3 1500-1510 429 cost=9';
    const finding = retriesImpossibleRequest.judge(run(text));
    expect(finding).toMatchObject({ status: 'fail', figure: 2 });
    expect(finding.reason).toContain('(9 requests, limit 5)');
    expect(retriesNonRetryable.judge(run(text)).status).toBe('not-applicable');
  });

  it.each([
    ['retried once', 'a.1 0-10 429 cost=9\na.2 500-510 429 cost=9', 'warn'],
    ['not retried', 'a.1 0-10 429 cost=9', 'pass'],
    ['no oversized request', 'a.1 0-10 429 admitAt=9\na.2 20-30 200', 'not-applicable'],
    ['held for 10 m with no attempt', 'b.1 0-10 200\n=> a open until=600000', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(retriesImpossibleRequest.judge(run(text)).status).toBe(status);
  });
});

describe('unbounded-retries', () => {
  const tries = (name: string, count: number, everyMs = 250): string =>
    Array.from({ length: count }, (_, n) => `${name}.${n + 1} ${n * everyMs}-${n * everyMs + 1} 429`).join('\n');

  it('backoff.md 3.8: 480 attempts, still retrying', () => {
    const finding = unboundedRetries.judge(run(`${tries('a', 480)}\n=> a open`));
    expect(finding).toMatchObject({ status: 'fail', figure: 480 });
    expect(finding.evidence[0]!.what).toBe('480 attempts in 2m, not finished');
  });

  it.each([
    ['three attempts, failed', tries('a', 3), 'pass'],
    ['six attempts, failed', tries('a', 6), 'warn'],
    ['eleven attempts, failed', tries('a', 11), 'fail'],
    ['eight attempts, open', `${tries('a', 8)}\n=> a open`, 'fail'],
    ['seven attempts, open', `${tries('a', 7)}\n=> a open`, 'warn'],
    ['three attempts, answered', `${tries('a', 2)}\na.3 900-910 200`, 'pass'],
    ['one attempt, failed', 'a.1 0-10 429', 'pass'],
    ['all answered', 'a.1 0-10 200', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(unboundedRetries.judge(run(text)).status).toBe(status);
  });

  it('a scheduler that tries a job again and again', () => {
    // Four attempts in each call, which gives up; the scheduler calls again 30 s later.
    const calls = (job: string) =>
      Array.from({ length: 6 }, (_, n) => {
        const attempts = [0, 500, 1500, 3500].map(
          (ms, k) => `c${n}.${k + 1} ${n * 30_000 + ms}-${n * 30_000 + ms + 1} 503`,
        );
        return `${attempts.join('\n')}\n=> c${n} error${job}`;
      }).join('\n');
    expect(unboundedRetries.judge(runOf(strip(calls(''))))).toMatchObject({ status: 'pass', figure: 4 });
    const finding = unboundedRetries.judge(runOf(strip(calls(' job=invoice'))));
    expect(finding).toMatchObject({ status: 'fail', figure: 24 });
    expect(finding.reason).toBe('24 attempts in one job of 6 calls (invoice).');
    expect(finding.evidence[0]).toMatchObject({
      call: 6,
      number: 4,
      what: '24 attempts in 6 calls in 2m34s, failed',
    });
  });

  it('accepts long deliberate gaps if patient', () => {
    const hours = `${tries('a', 20, 60_000)}\na.21 1300000-1300010 200\nb.1 0-10 429`;
    expect(unboundedRetries.judge(run(hours)).status).toBe('fail');
    expect(unboundedRetries.judge(run(hours), { patient: true }).status).toBe('pass');
    expect(unboundedRetries.judge(run(tries('a', 20)), { patient: true }).status).toBe('fail');
  });
});

describe('layered-retries', () => {
  it('another endpoint or model, and copies side by side, are no second layer', () => {
    const sdk = (name: string, rest: string) =>
      `${name}.1 0-10 503 rc=0 ${rest}\n${name}.2 500-510 503 rc=1 ${rest}\n${name}.3 1500-1510 503 rc=2 ${rest}\n`;
    const again = (rest: string) => `a.4 2000-2010 503 rc=0 ${rest}\na.5 2500-2510 503 rc=1 ${rest}`;
    expect(layeredRetries.judge(run(sdk('a', '') + again(''))).status).toBe('fail');
    expect(layeredRetries.judge(run(sdk('a', 'model=x') + again('model=y'))).status).toBe('pass');
    expect(
      layeredRetries.judge(
        run(`a.1 0-1 200 rc=0 ep=models\n${sdk('a', '').replace(/a\.(\d)/g, (_, n) => `a.${+n + 1}`)}`),
      ).status,
    ).toBe('pass');
    const hedged =
      'a.1 0-10 503 rc=0\na.2 800-810 503 rc=0\na.3 900-910 503 rc=1\na.4 1700-1710 503 rc=1\na.5 2000-2010 503 rc=2';
    expect(layeredRetries.judge(run(hedged)).status).toBe('pass');
  });

  it('backoff.md 3.12: the retry count restarts at 0 within one call', () => {
    const finding = layeredRetries.judge(
      run(`
        a.1 0-5 429 rc=0
        a.2 470-475 429 rc=1
        a.3 1400-1405 429 rc=2
        a.4 2410-2415 429 rc=0
        a.5 2880-2885 429 rc=1
        a.6 3800-3805 429 rc=2
      `),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 6, n: 1 });
    expect(finding.reason).toContain('up to 2 rounds of 3 attempts');
    expect(finding.evidence[0]).toMatchObject({ attempt: 4, atUs: 2_410_000 });
  });

  it.each([
    ['one layer', 'a.1 0-5 429 rc=0\na.2 470-475 429 rc=1\na.3 1400-1405 429 rc=2', 'pass'],
    ['a restart after more than a minute is deliberate', 'a.1 0-5 429 rc=0\na.2 70000-70005 429 rc=0', 'pass'],
    ['no retry count and too few attempts', 'a.1 0-5 429\na.2 470-475 429', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(layeredRetries.judge(run(text)).status).toBe(status);
  });

  const rhythm = 'a.1 0-1 429\na.2 501-502 429\na.3 1502-1503 429\na.4 2003-2004 429\na.5 3004-3005 429';
  it('without a retry count, the same waits again are a second layer: three calls, or one in exact time', () => {
    const inWallTime = (copies: number) => layeredRetries.judge(runOf(repeated(rhythm, copies, 60_000)));
    expect(inWallTime(3)).toMatchObject({ status: 'fail', figure: 5 });
    expect(inWallTime(2).status).not.toBe('fail');
    const exact = (text: string) => layeredRetries.judge(run(text));
    expect(exact(rhythm)).toMatchObject({ status: 'fail', figure: 5 });
    expect(exact(rhythm).reason).toBe('1 of 1 retried calls made the same waits again: up to 3 rounds of 2 attempts.');
    // 100 ms inside, 5 s between.
    expect(
      exact('a.1 0-1 503\na.2 101-102 503\na.3 202-203 503\na.4 5203-5204 503\na.5 5304-5305 503\na.6 5405-5406 503')
        .status,
    ).toBe('fail');
  });

  it.each([
    ['one layer that waits equally long', [500, 500, 500, 500, 500], ''],
    ['one layer that doubles up to a cap', [500, 1000, 2000, 2000, 2000], ''],
    ['one layer that retries at once, then waits', [0, 1000, 1000, 1000, 1000], ''],
    ['waits that the provider requested', [500, 1000, 500, 1000, 500], ' ra=400'],
    ['jittered waits that chance makes alike', [500, 1000, 520, 1000, 480], ''],
  ])('without a retry count, no layers: %s', (_name, gapsMs, mark) => {
    let atMs = 0;
    const text = [0, ...gapsMs].map((gapMs, n) => {
      atMs += gapMs + (n === 0 ? 0 : 1);
      return `a.${n + 1} ${atMs}-${atMs + 1} 503${mark}`;
    });
    expect(layeredRetries.judge(run(text.join('\n'))).status).toBe('pass');
  });

  it('without a retry count, jittered waits that drop at the same attempt warn from ten calls', () => {
    const jittered = (n: number) =>
      `c${n}.1 0-1 503\nc${n}.2 ${400 + n * 17}-${401 + n * 17} 503\nc${n}.3 ${1300 + n * 43}-${1301 + n * 43} 503\nc${n}.4 ${1650 + n * 50}-${1651 + n * 50} 503`;
    const calls = (count: number) => runOf(strip(Array.from({ length: count }, (_, n) => jittered(n)).join('\n')));
    expect(layeredRetries.judge(calls(10))).toMatchObject({ status: 'warn', figure: 4 });
    expect(layeredRetries.judge(calls(9))).toMatchObject({ status: 'inconclusive', figure: 4 });
  });

  it('a job whose calls retry as well', () => {
    // A scheduler calls again after 30 s; each call makes three attempts.
    const text = [0, 30_000, 60_000]
      .map(
        (fromMs, n) =>
          `c${n}.1 ${fromMs}-${fromMs + 1} 503\nc${n}.2 ${fromMs + 500}-${fromMs + 501} 503\nc${n}.3 ${fromMs + 1500}-${fromMs + 1501} 503\n=> c${n} error job=invoice`,
      )
      .join('\n');
    const finding = layeredRetries.judge(runOf(strip(text)));
    expect(finding).toMatchObject({ status: 'fail', figure: 9 });
    expect(finding.reason).toContain('up to 3 rounds of 3 attempts');
    expect(layeredRetries.judge(runOf(strip(text.replaceAll(' job=invoice', '')))).status).toBe('not-applicable');
  });

  it('without a retry count, passes if waits only grow', () => {
    const grows = 'a.1 0-1 429\na.2 501-502 429\na.3 1502-1503 429\na.4 3504-3505 429\na.5 7505-7506 429';
    expect(layeredRetries.judge(run(grows, 10)).status).toBe('pass');
  });
});

describe('no-deadline', () => {
  it('backoff.md 3.14: three times the timeout', () => {
    const text = 'a.1 0-30000 timeout\na.2 30450-60450 timeout\na.3 61350-91350 timeout';
    const finding = noDeadline.judge(run(text));
    expect(finding).toMatchObject({ status: 'warn', figure: 91.35 });
    expect(finding.reason).toMatch(/3.0[45]× the attempt timeout of 30s/);
    expect(noDeadline.judge(run(text), { timeout: '90s' }).status).toBe('pass');
  });

  it.each([
    ['one attempt, one timeout', 'a.1 0-30000 timeout\nb.1 0-30000 timeout', undefined, 'pass'],
    ['eleven minutes', 'a.1 0-660000 timeout', undefined, 'fail'],
    ['open for an hour', 'a.1 0-3600000 open\n=> a open', 3_600_000, 'fail'],
    ['open for a minute when the run ended', 'a.1 0-60000 open\n=> a open', 60_000, 'inconclusive'],
    ['refused thrice in two seconds', 'a.1 0-10 429\na.2 500-510 429\na.3 1500-1510 429', undefined, 'pass'],
    ['answered after an hour: a stream', 'a.1 0-3600000 200', undefined, 'not-applicable'],
  ])('%s', (_name, text, endMs, status) => {
    expect(noDeadline.judge(run(text, 1, endMs)).status).toBe(status);
  });
});

describe('repeats-without-key', () => {
  it('backoff.md 3.22: passes for a completion, fails for a batch', () => {
    const text = 'a.1 0-60000 timeout\na.2 60450-66000 200';
    const chat = repeatsWithoutKey.judge(run(text));
    expect(chat).toMatchObject({ status: 'pass', figure: 1, n: 1 });
    expect(chat.reason).toContain('model replies only cost twice');
    const batch = text.replace('timeout', 'timeout ep=batches').replace('200', '200 ep=batches');
    expect(repeatsWithoutKey.judge(run(batch))).toMatchObject({ status: 'fail' });
    expect(repeatsWithoutKey.judge(run(batch)).evidence[0]!.what).toBe('no reply in time, then resent without a key');
  });

  it.each([
    ['with the same key', 'a.1 0-9 504 key=k\na.2 20-30 200 key=k', 'pass', 0],
    ['with another key', 'a.1 0-9 504 key=k\na.2 20-30 200 key=l', 'warn', 1],
    ['with the key left out', 'a.1 0-9 reset key=k\na.2 20-30 200', 'warn', 1],
  ])('%s', (_name, text, status, figure) => {
    expect(repeatsWithoutKey.judge(run(text))).toMatchObject({ status, figure });
  });

  it('does not apply after a refusal or with a different body', () => {
    expect(repeatsWithoutKey.judge(run('a.1 0-9 429\na.2 20-30 200')).status).toBe('not-applicable');
    expect(repeatsWithoutKey.judge(run('a.1 0-9 504 body=x\na.2 20-30 200 body=y')).status).toBe('not-applicable');
  });
});

describe('hides-retries and hedges', () => {
  const three = 'a.1 0-10 429\na.2 500-510 429\na.3 1500-1510 429';

  it('three attempts, two configured', () => {
    expect(hidesRetries.judge(run(three))).toMatchObject({ status: 'pass', figure: 3 });
    expect(hidesRetries.judge(run(three)).reason).toContain('maxRetries: 2');
    expect(hidesRetries.judge(run(three), { attempts: 3 }).status).toBe('pass');
    expect(hidesRetries.judge(run(three), { attempts: 2 })).toMatchObject({
      status: 'fail',
      evidence: [{ attempt: 3 }],
    });
    expect(hidesRetries.judge(run('=> a open')).status).toBe('not-applicable');
  });

  it('a request resent while the first is open', () => {
    expect(hedges.judge(run('a.1 0-3000 200 tokens=40\na.2 1000-2000 200'))).toMatchObject({
      status: 'warn',
      figure: 1,
      reason: '1 of 1 calls sent a request again while the first was still open, at a cost of 40 tokens.',
    });
    const others = Array.from({ length: 60 }, (_, n) => `b${n}.1 0-10 200`).join('\n');
    expect(hedges.judge(run(`a.1 0-3000 200\na.2 1000-2000 200\n${others}`)).status).toBe('pass');
    expect(hedges.judge(run('a.1 0-3000 200 body=x\na.2 1000-2000 200 body=y')).status).toBe('not-applicable');
    expect(hedges.judge(run('a.1 0-3000 timeout\na.2 3000-4000 200')).status).toBe('not-applicable');
  });
});
