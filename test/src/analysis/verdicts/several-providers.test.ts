import { describe, expect, it } from 'vitest';
import { findOverload } from '../../../../src/analysis/ledger/demand.ts';
import { needsByProvider } from '../../../../src/analysis/ledger/needs.ts';
import { createRoom } from '../../../../src/analysis/ledger/room.ts';
import { computeProviderFigures } from '../../../../src/analysis/run/by-provider.ts';
import { findWaits } from '../../../../src/analysis/run/waits.ts';
import { amplifiesLoad } from '../../../../src/analysis/verdicts/amplifies-load.ts';
import { hedges } from '../../../../src/analysis/verdicts/hedges.ts';
import { hidesRetries } from '../../../../src/analysis/verdicts/hides-retries.ts';
import { layeredRetries } from '../../../../src/analysis/verdicts/layered-retries.ts';
import { repeatsWithoutKey } from '../../../../src/analysis/verdicts/repeats-without-key.ts';
import { retriesNonRetryable } from '../../../../src/analysis/verdicts/retries-non-retryable.ts';
import { retriesTooEarly } from '../../../../src/analysis/verdicts/retries-too-early.ts';
import { unboundedRetries } from '../../../../src/analysis/verdicts/unbounded-retries.ts';
import { headerWith, runOf, strip } from '../strip.ts';

const TWO = headerWith({ primary: { perSecond: 5 }, backup: { perSecond: 2 } });
const run = (text: string, head = TWO, endMs?: number) =>
  runOf(strip(text), { head, ...(endMs !== undefined && { endMs }) });

/** A call that tries `primary` so many times, then `backup` so many times. */
const tries = (primary: number, backup: number, status = 503): string =>
  Array.from({ length: primary + backup }, (_, n) => {
    const last = n === primary + backup - 1;
    return `a.${n + 1} ${n * 100}-${n * 100 + 10} ${last ? 200 : status} on=${n < primary ? 'primary' : 'backup'}`;
  }).join('\n');

describe('a request to another provider is no retry of the first', () => {
  it.each([
    ['amplifies-load: 3 + 3 attempts are 3 at each', amplifiesLoad, tries(3, 3), { figure: 3, status: 'warn' }],
    ['amplifies-load: 4 + 1 are 4 at one', amplifiesLoad, tries(4, 1), { figure: 4, status: 'fail' }],
    ['hides-retries: 3 + 3 are 3', hidesRetries, tries(3, 3), { figure: 3 }],
    ['unbounded-retries: 5 + 5 are 5', unboundedRetries, tries(5, 5), { figure: 5, status: 'pass' }],
    ['unbounded-retries: 11 + 1 are 11', unboundedRetries, tries(11, 1), { figure: 11, status: 'fail' }],
    ['retries-non-retryable: another key', retriesNonRetryable, tries(1, 1, 401), { status: 'pass', n: 1 }],
    ['retries-non-retryable: the same key', retriesNonRetryable, tries(2, 1, 401), { status: 'fail', figure: 1 }],
    [
      'repeats-without-key: each provider gets one',
      repeatsWithoutKey,
      'a.1 0-10 reset ep=images on=primary\na.2 20-30 200 ep=images on=backup',
      { status: 'not-applicable' },
    ],
    [
      'repeats-without-key: one gets two',
      repeatsWithoutKey,
      'a.1 0-10 reset ep=images on=primary\na.2 15-30 503 ep=images on=backup\na.3 40-50 200 ep=images on=primary',
      { status: 'fail', figure: 1 },
    ],
    [
      'hedges: each provider has one open',
      hedges,
      'a.1 0-900 200 on=primary\na.2 100-800 200 on=backup',
      { status: 'not-applicable' },
    ],
    [
      'hedges: one has two open',
      hedges,
      'a.1 0-900 200 on=primary\na.2 100-800 200 on=backup\na.3 200-700 200 on=primary',
      { status: 'warn', figure: 1 },
    ],
    [
      'retries-too-early: the backup may be asked at once',
      retriesTooEarly,
      'a.1 0-10 429 admitAt=900 on=primary\na.2 15-30 200 on=backup',
      { status: 'not-applicable' },
    ],
    [
      "layered-retries: the SDK's count starts again at another provider",
      layeredRetries,
      'a.1 0-9 503 rc=0 on=primary\na.2 90-99 503 rc=1 on=primary\na.3 190-199 503 rc=0 on=backup\na.4 290-299 200 rc=1 on=backup',
      { status: 'pass' },
    ],
    [
      'layered-retries: and at the same',
      layeredRetries,
      'a.1 0-9 503 rc=0 on=primary\na.2 90-99 503 rc=1 on=primary\na.3 190-199 503 rc=0 on=primary\na.4 290-299 200 rc=1 on=primary',
      { status: 'fail' },
    ],
  ] as const)('%s', (_name, judge, text, expected) => {
    expect(judge.judge(run(text))).toMatchObject(expected);
  });

  it('waits are those at one provider, numbered there', () => {
    expect(findWaits(run(tries(2, 3))).map(({ before, retry }) => [before.provider, retry])).toEqual([
      ['primary', 0],
      ['backup', 0],
      ['backup', 1],
    ]);
  });
});

describe('limits and faults are those of a provider', () => {
  it('an outage of one leaves room at the other', () => {
    const head = headerWith({ primary: { perSecond: 5, outMs: [0, 10_000] }, backup: { perSecond: 2 } });
    const outage = run('a.1 0-10 503 on=primary limits=none\na.2 20-30 200 on=backup', head, 20_000);
    const [primary, backup] = ['primary', 'backup'].map((name) =>
      createRoom(outage)(needsByProvider(outage).get(name)!, name),
    );
    expect(primary!.firstOpenUs(0, 20_000_000)).toBe(10_000_000);
    expect(backup!.firstOpenUs(30_000, 20_000_000)).toBe(520_000);
  });

  it('the load is measured against the room of all', () => {
    const calls = (everyMs: number): string =>
      Array.from({ length: 200 }, (_, n) => `c${n}.1 ${n * everyMs}-${n * everyMs + 5} 200 on=primary`).join('\n');
    const open = { ...TWO.scenario, load: [{ executor: 'constant-arrival-rate', rate: 6 } as never] };
    const overloadAt = (everyMs: number) => findOverload(run(calls(everyMs), { ...TWO, scenario: open }));
    // 6.7 calls a second fit 5 + 2; 14 are twice that.
    expect(overloadAt(150)).toBeNull();
    expect(overloadAt(72)).toMatchObject({ limit: 'primary/requests + backup/requests' });
    expect(overloadAt(72)!.ratio).toBeCloseTo(13.9 / 7, 1);
  });
});

it('figures by provider', () => {
  const text = 'a.1 0-10 429 on=primary\na.2 20-30 503 on=primary\na.3 40-50 200 on=backup\nb.1 0-10 200 on=primary';
  expect(computeProviderFigures(run(text))).toEqual([
    { provider: 'primary', calls: 2, attempts: 3, answered: 1, refused: 1, failed: 1, unfinished: 0 },
    { provider: 'backup', calls: 1, attempts: 1, answered: 1, refused: 0, failed: 0, unfinished: 0 },
  ]);
});
