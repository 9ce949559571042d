import { describe, expect, it } from 'vitest';
import { failsOverLate } from '../../../../src/analysis/verdicts/fails-over-late.ts';
import { noFailBack } from '../../../../src/analysis/verdicts/no-fail-back.ts';
import { noFailover } from '../../../../src/analysis/verdicts/no-failover.ts';
import { overrunsFallback } from '../../../../src/analysis/verdicts/overruns-fallback.ts';
import { triesShutProvider } from '../../../../src/analysis/verdicts/tries-shut-provider.ts';
import { header, headerWith, runOf, strip } from '../strip.ts';

const OUT = headerWith({ primary: { outMs: [0, 60_000] }, backup: {} });
const run = (text: string, endMs = 200_000, head = OUT) => runOf(strip(text), { head, endMs });
const down = (name: string, atMs: number, nth = 1): string =>
  `${name}.${nth} ${atMs}-${atMs + 10} 503 on=primary limits=none`;
const served = (name: string, atMs: number, nth = 1, on = 'backup'): string =>
  `${name}.${nth} ${atMs}-${atMs + 10} 200 on=${on} limits=none`;

const JUDGES = [noFailover, overrunsFallback, triesShutProvider, failsOverLate, noFailBack];

it('one provider: none applies', () => {
  const alone = runOf(strip('a.1 0-10 503'), { head: { ...header(), time: 'virtual' } });
  expect(JUDGES.map((judge) => judge.judge(alone).status)).toEqual(JUDGES.map(() => 'not-applicable'));
});

describe('no-failover', () => {
  it('a call failed at the first, and the second was open', () => {
    const finding = noFailover.judge(run(`${down('a', 0)}\n${down('b', 100)}\n${served('b', 200, 2)}`));
    expect(finding).toMatchObject({ status: 'fail', figure: 0.5, n: 2 });
    expect(finding.evidence[0]!.what).toBe('503 at primary; backup had room and was not asked');
  });

  it.each([
    ['a spent quota is no outage', 'a.1 0-10 429 code=insufficient_quota on=primary limits=none', 'fail'],
    ['a mistake is one everywhere', 'a.1 0-10 400 on=primary limits=none', 'not-applicable'],
    ['both were asked', `${down('a', 0)}\na.2 20-30 503 on=backup limits=none`, 'pass'],
  ])('%s', (_name, text, status) => {
    expect(noFailover.judge(run(text)).status).toBe(status);
  });

  it('the other was out as well', () => {
    const head = headerWith({ primary: { outMs: [0, 60_000] }, backup: { outMs: [0, 60_000] } });
    expect(noFailover.judge(run(down('a', 0), 90_000, head)).status).toBe('pass');
  });
});

describe('fails-over-late', () => {
  it.each([
    ['at once', `${down('a', 0)}\n${served('a', 20, 2)}`, 'pass', 0.02],
    ['after three tries', `${down('a', 0)}\n${down('a', 1500, 2)}\n${served('a', 5500, 2)}`, 'warn', 5.5],
    ['silence counts', `a.1 0-30000 timeout on=primary limits=none\n${served('a', 30_010, 2)}`, 'fail', 30.01],
    ['waits for the first to come back', `${down('a', 0)}\n${served('a', 61_000, 2, 'primary')}`, 'fail', 61],
  ])('%s', (_name, text, status, figure) => {
    expect(failsOverLate.judge(run(text))).toMatchObject({ status, figure });
  });
});

describe('tries-shut-provider', () => {
  const each4s = (tries: number): string =>
    Array.from({ length: 11 }, (_, n) => {
      const atMs = n * 5000;
      const own = Array.from({ length: tries }, (_unused, t) => down(`c${n}`, atMs + t * 100, t + 1));
      return [...own, served(`c${n}`, atMs + 900, tries + 1)].join('\n');
    }).join('\n');

  it('33 attempts for 11 requests: 3 tell, and one in ten seconds is a probe', () => {
    const finding = triesShutProvider.judge(run(each4s(3)));
    expect(finding).toMatchObject({ status: 'fail', n: 33, figure: 25 });
  });

  it('a cool-down of 30 s: 1 + 2 probes', () => {
    const cooled = [0, 30_000].map((atMs, n) => `${down(`p${n}`, atMs)}\n${served(`p${n}`, atMs + 20, 2)}`);
    expect(triesShutProvider.judge(run(cooled.join('\n')))).toMatchObject({ status: 'pass', figure: 0, n: 2 });
  });
});

describe('no-fail-back', () => {
  const before = `${down('a', 1000)}\n${served('a', 1100, 2)}`;
  it.each([
    ['back after 5 s', `${before}\n${served('b', 65_000, 1, 'primary')}\n${served('z', 61_000)}`, 'pass', 4],
    ['back after 50 s', `${before}\n${served('z', 60_000)}\n${served('b', 110_000, 1, 'primary')}`, 'warn', 50],
    ['never', `${before}\n${served('z', 60_000)}`, 'fail', 140],
  ])('%s', (_name, text, status, figure) => {
    expect(noFailBack.judge(run(text))).toMatchObject({ status, figure });
  });

  it('the run ended before it could be told', () => {
    expect(noFailBack.judge(run(`${before}\n${served('z', 60_000)}`, 80_000)).status).toBe('inconclusive');
  });
});

describe('overruns-fallback', () => {
  const head = headerWith({ primary: { outMs: [0, 60_000] }, backup: { perSecond: 1, burst: 1 } });
  it('five calls a second at a fallback of one', () => {
    const text = Array.from({ length: 5 }, (_, n) =>
      n === 0
        ? `${down('c0', 0)}\nc0.2 20-30 200 on=backup`
        : `${down(`c${n}`, n * 200)}\nc${n}.2 ${n * 200 + 20}-${n * 200 + 30} 429 on=backup`,
    ).join('\n');
    const finding = overrunsFallback.judge(run(text, 90_000, head));
    expect(finding).toMatchObject({ status: 'fail', figure: 0.8, n: 5 });
    expect(finding.reason).toContain('limit backup/requests admits 1/s');
  });

  it('queued at its rate', () => {
    const text = `${down('a', 0)}\na.2 20-30 200 on=backup\nb.1 1030-1040 200 on=backup`;
    expect(overrunsFallback.judge(run(text, 90_000, head))).toMatchObject({ status: 'pass', n: 2 });
  });
});
