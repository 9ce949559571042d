import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CARELESS_READINGS, type Reading } from '../../../../mock-server/dialects/wait-hint.ts';
import { followedHints } from '../../../../src/analysis/judging/followed-hints.ts';
import { explain, hintedWaits, predictedUs } from '../../../../src/analysis/judging/hinted-waits.ts';
import type { Run } from '../../../../src/analysis/run/run-view.ts';
import { ignoresRetryAfter } from '../../../../src/analysis/verdicts/ignores-retry-after.ts';
import { misreadsRetryAfter } from '../../../../src/analysis/verdicts/misreads-retry-after.ts';
import { header, runOf, strip } from '../strip.ts';

const head = { ...header(), time: 'virtual' as const };
const TAU_US = 1000;

/** A Retry-After with what it means in seconds. */
const hint = fc.oneof(
  fc.integer({ min: 2, max: 90 }).map((seconds) => [String(seconds), seconds] as const),
  fc.integer({ min: 21, max: 899 }).map((tenths) => [(tenths / 10).toFixed(1), tenths / 10] as const),
  fc.integer({ min: 2, max: 90 }).map((seconds) => [`+${seconds}`, seconds] as const),
  fc.integer({ min: 61, max: 5000 }).map((s) => [`${Math.floor(s / 60)}m${s % 60}s`, s] as const),
);
const hints = fc.uniqueArray(hint, { minLength: 2, maxLength: 8, selector: ([raw]) => raw });

/** One call for each hint, which waits as the reader does, or `ownMs` where it reads nothing, and `extraMs` more. */
function runOfReader(told: readonly (readonly [string, number])[], reading: Reading, ownMs: number, extraMs = 0): Run {
  const lines = (gapsMs: readonly number[]): string =>
    told
      .map(([raw, s], n) => {
        const marks = `raw=${raw} ra=${s * 1000}`;
        const fromMs = n * 10_000_000;
        return `c${n}.1 ${fromMs}-${fromMs + 10} 429 ${marks}\nc${n}.2 ${fromMs + 10 + gapsMs[n]!}-${fromMs + 30 + gapsMs[n]!} 200`;
      })
      .join('\n');
  const asTold = hintedWaits(runOf(strip(lines(told.map(() => 0))), { head }));
  const gaps = asTold.map((one) => Math.ceil((predictedUs(one, reading) ?? ownMs * 1000) / 1000) + extraMs);
  return runOf(strip(lines(gaps)), { head });
}

describe('clients that read in one way', () => {
  it('a client that reads what was meant is never accused, with jitter or without', () => {
    fc.assert(
      fc.property(hints, fc.nat(300), (told, extraMs) => {
        const run = runOfReader(told, 'lenient', 700, extraMs);
        expect(ignoresRetryAfter.judge(run).status).toBe('pass');
        expect(['pass', 'not-applicable', 'inconclusive']).toContain(misreadsRetryAfter.judge(run).status);
        expect(followedHints(run).size).toBe(told.length);
      }),
    );
  });

  it('a client that comes too early is found, whatever its reading, and a reading that explains it is the one it has', () => {
    fc.assert(
      fc.property(hints, fc.constantFrom<Reading>('strict', ...CARELESS_READINGS), (told, reading) => {
        const run = runOfReader(told, reading, 700);
        const waits = hintedWaits(run);
        const early = waits.filter(({ gapUs, meantUs }) => gapUs < meantUs! - TAU_US);
        expect(ignoresRetryAfter.judge(run)).toMatchObject({
          status: early.length > 0 ? 'fail' : 'pass',
          figure: early.length / waits.length,
        });
        for (const named of explain(waits, TAU_US)) {
          const differs = waits.some((one) => {
            const [own, other] = [predictedUs(one, reading), predictedUs(one, named.reading)];
            return own !== undefined && other !== undefined && Math.abs(own - other) > Math.max(6000, 0.05 * own);
          });
          expect([named.reading, differs]).toEqual([named.reading, false]);
        }
      }),
    );
  });

  it.each([
    ['leading digits only', ['2.9', '40.5', '6m0s']],
    ['number as milliseconds', ['20', '45', '80']],
  ] as const)('%s is named', (reading, raws) => {
    const seconds: Readonly<Record<string, number>> = { '6m0s': 360 };
    const told = raws.map((raw) => [raw, seconds[raw] ?? Number(raw)] as const);
    const finding = misreadsRetryAfter.judge(runOfReader(told, reading, 700));
    expect(finding).toMatchObject({ status: 'fail', figure: 3 });
    expect(finding.evidence.every(({ what }) => what.endsWith(`: ${reading}`))).toBe(true);
  });
});

describe('another model after a refusal', () => {
  const retried = (first: string, next: string): string =>
    ignoresRetryAfter.judge(runOf(strip(`a.1 0-10 429 ra=4000 ${first}\na.2 11-30 200 ${next}`), { head })).status;

  it('does not have to wait for the limit of the first', () => {
    expect(retried('model=gpt-4o limits=none', 'model=gpt-4o limits=none')).toBe('fail');
    expect(retried('model=gpt-4o limits=none', 'model=gpt-4o-mini limits=none')).toBe('not-applicable');
  });

  it('has to if the limit that refused applies to both', () => {
    expect(retried('model=gpt-4o', 'model=gpt-4o-mini')).toBe('fail');
  });
});
