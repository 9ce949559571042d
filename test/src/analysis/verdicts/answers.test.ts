import { describe, expect, it } from 'vitest';
import { givesUpOnReset } from '../../../../src/analysis/verdicts/gives-up-on-reset.ts';
import { replaysPartialStream } from '../../../../src/analysis/verdicts/replays-partial-stream.ts';
import { swallowsRejection } from '../../../../src/analysis/verdicts/swallows-rejection.ts';
import { treatsOverloadAsFatal } from '../../../../src/analysis/verdicts/treats-overload-as-fatal.ts';
import { wastedTokens } from '../../../../src/analysis/verdicts/wasted-tokens.ts';
import { header, repeated, requestLimit, runOf, strip } from '../strip.ts';

const head = { ...header(), time: 'virtual' as const };
const run = (text: string, copies = 1) => runOf(copies === 1 ? strip(text) : repeated(text, copies, 90_000), { head });
/** The same on a machine's clock, which may disturb a case. */
const wall = (text: string) => runOf(strip(text), { head: header() });

describe('swallows-rejection', () => {
  it('backoff.md 3.23: refused twice, reported as a success', () => {
    const finding = swallowsRejection.judge(
      run('a.1 0-10 429 code=rate_limit_exceeded\na.2 490-500 429 code=rate_limit_exceeded\n=> a ok output=0'),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 1, n: 1 });
    expect(finding.evidence[0]!.what).toBe(
      'all 2 attempts ended with 429 rate_limit_exceeded, but the call succeeded with no output',
    );
  });

  it.each([
    ['the error returned as text', 'a.1 0-10 429\n=> a ok output=212', 'fail'],
    ['a timeout, reported as a success', 'a.1 0-10 timeout\n=> a ok', 'fail'],
    ['a lost reply', 'a.1 0-10 200 answer=80\n=> a ok output=0', 'fail'],
    ['an empty reply, as of a tool call', 'a.1 0-10 200 answer=0\n=> a ok output=0', 'not-applicable'],
    ['reported as an error', 'a.1 0-10 429', 'pass'],
    ['a declared fallback', 'a.1 0-10 429\n=> a ok fallback', 'pass'],
    ['an error in a 200', 'a.1 0-10 200 defect=error-body answer=80\n=> a ok', 'fail'],
    ['an error in a 200, then answered', 'a.1 0-10 200 defect=error-body\na.2 20-30 200\n=> a ok', 'not-applicable'],
    ['half a JSON', 'a.1 0-10 200 defect=not-json answer=80 chars=0\n=> a ok output=33', 'fail'],
    ['a JSON that was repaired', 'a.1 0-10 200 defect=not-json answer=80 chars=0\n=> a ok output=80', 'pass'],
    ['the text of a reply with the wrong type', 'a.1 0-10 200 defect=content-type answer=80 chars=80\n=> a ok', 'pass'],
    ['a stream that ends short', 'a.1 0-10 200 defect=cut-stream answer=80 chars=40\n=> a ok output=40', 'fail'],
    ['a stream that ends short, reported', 'a.1 0-10 200 defect=cut-stream answer=80 chars=40\n=> a error', 'pass'],
    ['an error event', 'a.1 0-10 200 defect=error-event answer=80 chars=40\n=> a ok output=40', 'fail'],
    ['a stream that stalls, until the client leaves', 'a.1 0-10 cut answer=80 chars=40\n=> a ok output=40', 'fail'],
    ['a sound stream that the client leaves', 'a.1 0-10 cut stream answer=80\n=> a ok output=40', 'pass'],
    ['a damaged event that was skipped', 'a.1 0-10 200 defect=not-json answer=80 chars=80\n=> a ok', 'pass'],
    ['answered', 'a.1 0-10 200 answer=80\n=> a ok output=80', 'not-applicable'],
    ['not finished', 'a.1 0-10 429\n=> a open', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(swallowsRejection.judge(run(text)).status).toBe(status);
  });
});

describe('replays-partial-stream', () => {
  it('backoff.md 3.21: 120 characters twice', () => {
    const finding = replaysPartialStream.judge(
      run('a.1 0-800 200 chars=120\na.2 1300-3000 200 answer=400\n=> a ok output=520'),
    );
    expect(finding).toMatchObject({ status: 'fail', figure: 1, n: 1 });
    expect(finding.evidence[0]).toMatchObject({
      attempt: 1,
      what: 'broke after 120 characters, which are part of the 520 that the caller received',
    });
  });

  it.each([
    [
      'broken twice, everything passed on',
      'a.1 0-8 200 chars=120\na.2 20-28 200 chars=60\na.3 40-50 200 answer=400\n=> a ok output=580',
      'fail',
    ],
    ['restarted', 'a.1 0-800 200 chars=120\na.2 1300-3000 200 answer=400\n=> a ok output=400', 'pass'],
    ['unknown output', 'a.1 0-800 200 chars=120\na.2 1300-3000 200 answer=400', 'warn'],
    ['reported', 'a.1 0-800 200 chars=120\n=> a error', 'pass'],
    [
      'broke before the first text, resent',
      'a.1 0-800 200 chars=0\na.2 1300-3000 200 answer=400\n=> a ok output=400',
      'not-applicable',
    ],
    ['a cut stream given as a success', 'a.1 0-800 200 chars=120 answer=400\n=> a ok output=120', 'pass'],
    ['complete', 'a.1 0-800 200 answer=400\n=> a ok output=400', 'not-applicable'],
  ])('%s', (_name, text, status) => {
    expect(replaysPartialStream.judge(run(text)).status).toBe(status);
  });
});

describe('wasted-tokens', () => {
  const text = 'a.1 0-30000 cut tokens=900\na.2 30450-36000 200 tokens=900\nb.1 0-6000 200 tokens=900';

  it('backoff.md 3.16, seven times: a third wasted', () => {
    const finding = wastedTokens.judge(run(text, 7));
    expect(finding).toMatchObject({ status: 'fail', figure: 1 / 3, n: 21 });
    expect(finding.reason).toBe('6300 of 18900 tokens were wasted.');
    expect(finding.evidence[0]!.what).toBe('900 tokens: the client aborted a reply in progress');
    expect(wastedTokens.judge(run(text, 7), { price: 10 }).reason).toContain('0.06 at 10 per million');
  });

  it('three replies decide in virtual time; in wall time the figure found so far is shown', () => {
    expect(wastedTokens.judge(run(text))).toMatchObject({ status: 'fail', n: 3, needed: 1 });
    const finding = wastedTokens.judge(wall(text));
    expect(finding).toMatchObject({ status: 'inconclusive', figure: 1 / 3, n: 3, needed: 20 });
    expect(finding.reason).toBe('900 of 2700 tokens were wasted. Only 3 requests were admitted; 20 are needed.');
  });

  const answered = Array.from({ length: 20 }, (_, n) => `n${n}.1 0-10 200 tokens=10`).join('\n');
  it.each([
    ['a broken stream is not the client’s doing', 'a.1 0-10 200 chars=9 tokens=40\na.2 20-30 200 tokens=40', 0],
    ['an error in a 200, repeated', 'a.1 0-10 200 defect=error-body tokens=40\na.2 20-30 200 tokens=40', 0],
    ['no JSON, repeated', 'a.1 0-10 200 defect=not-json tokens=40\na.2 20-30 200 tokens=40', 0],
    ['the same request twice', 'a.1 0-10 200 tokens=40\na.2 20-30 200 tokens=40', 40 / 280],
    ['two different requests in one call', 'a.1 0-10 200 tokens=40 body=x\na.2 20-30 200 tokens=40 body=y', 0],
    ['refused and not charged', 'a.1 0-10 429 cost=40 tokens=40\na.2 20-30 200 tokens=40', 0],
  ])('%s', (_name, more, figure) => {
    expect(wastedTokens.judge(run(`${answered}\n${more}`)).figure).toBeCloseTo(figure);
  });

  it('tells what the provider lost beside it', () => {
    const finding = wastedTokens.judge(run('a.1 0-10 200 chars=9 tokens=40\na.2 20-30 200 tokens=40'));
    expect(finding.reason).toBe(
      '0 of 80 tokens were wasted. The provider lost 40 more, in replies that broke off or could not be read.',
    );
  });

  it('counts refused requests that the limit charges', () => {
    const charging = header([requestLimit(5, 5, { unit: 'tokens', chargeRejected: 'all' })]);
    const strips = strip(`${answered}\na.1 0-10 429 cost=100\n`);
    expect(wastedTokens.judge(runOf(strips, { head: charging }))).toMatchObject({ status: 'fail', figure: 100 / 300 });
  });

  it('does not apply without charged tokens', () => {
    expect(wastedTokens.judge(run('a.1 0-10 429')).status).toBe('not-applicable');
  });
});

describe('treats-overload-as-fatal', () => {
  it('backoff.md 3.24, five times: 529 is fatal, 503 is not', () => {
    const finding = treatsOverloadAsFatal.judge(run('a.1 0-30 529\nb.1 0-30 503\nb.2 480-700 200', 5));
    expect(finding).toMatchObject({ status: 'fail', figure: 1, n: 10 });
    expect(finding.reason).toBe('5 of 5 calls gave up on 529; 0 of 5 calls gave up on 503.');
    expect(finding.evidence).toHaveLength(5);
  });

  it.each([
    ['one call', 'a.1 0-30 529', 1, 'fail'],
    ['an error in a 200', 'a.1 0-30 200 defect=error-body type=server_error\n=> a error', 1, 'fail'],
    ['no JSON', 'a.1 0-30 200 defect=not-json\n=> a error', 1, 'fail'],
    ['the wrong type', 'a.1 0-30 200 defect=content-type\n=> a error', 1, 'fail'],
    ['an error event', 'a.1 0-30 200 defect=error-event code=server_error chars=0\n=> a error', 1, 'fail'],
    ['an error event after the first text', 'a.1 0-30 200 defect=error-event chars=9\n=> a error', 1, 'warn'],
    ['an error in a 200, retried', 'a.1 0-30 200 defect=error-body\na.2 480-700 200', 1, 'pass'],
    ['retried without success', 'a.1 0-30 500\na.2 500-530 500', 5, 'pass'],
    ['x-should-retry: false', 'a.1 0-30 500 should=false', 5, 'not-applicable'],
    ['503 slow_down is a refusal', 'a.1 0-30 503 code=slow_down', 5, 'not-applicable'],
    ...[408, 502, 504].map(
      (status) => [`${status}`, `a.1 0-30 ${status}`, 5, 'fail'] as [string, string, number, string],
    ),
  ])('%s', (_name, text, copies, status) => {
    expect(treatsOverloadAsFatal.judge(run(text, copies)).status).toBe(status);
  });

  it('one call in wall time decides nothing, and shows what was found', () => {
    const finding = treatsOverloadAsFatal.judge(wall('a.1 0-30 529'));
    expect(finding).toMatchObject({ status: 'inconclusive', figure: 1, n: 1, needed: 2 });
    expect(finding.reason).toBe('1 of 1 calls gave up on 529; 2 calls of one kind are needed.');
    expect(treatsOverloadAsFatal.judge(wall('a.1 0-30 529\nb.1 0-30 529')).status).toBe('fail');
  });

  it('one of six warns by default and passes with a higher bound', () => {
    const text = `${Array.from({ length: 5 }, (_, n) => `c${n}.1 0-30 529\nc${n}.2 480-700 200`).join('\n')}\na.1 0-30 529`;
    expect(treatsOverloadAsFatal.judge(run(text))).toMatchObject({ status: 'warn', figure: 1 / 6 });
    expect(treatsOverloadAsFatal.judge(run(text), { warn: 0.2 })).toMatchObject({ status: 'pass' });
  });
});

describe('gives-up-on-reset', () => {
  it.each([
    ['backoff.md 3.25, five times', 'a.1 0-12 reset', 5, 'fail', '5 of 5 calls gave up on a reset.'],
    ['timeout', 'a.1 0-12 timeout', 5, 'fail', '5 of 5 calls gave up on a timeout.'],
    ['retried', 'a.1 0-12 reset\na.2 500-512 200', 5, 'pass', '0 of 5 calls gave up on a reset.'],
  ])('%s', (_name, text, copies, status, reason) => {
    expect(givesUpOnReset.judge(run(text, copies))).toMatchObject({ status, reason });
  });

  it('applies until the first text has arrived', () => {
    const finding = givesUpOnReset.judge(run('a.1 0-12 200 defect=cut-stream chars=0\n=> a error'));
    expect(finding).toMatchObject({ status: 'fail', n: 1, needed: 1 });
    expect(finding.reason).toBe('1 of 1 calls gave up on a reply that broke off before its first text.');
  });

  it('does not apply once the reply has started', () => {
    expect(givesUpOnReset.judge(run('a.1 0-1200 cut', 5)).status).toBe('not-applicable');
  });
});
