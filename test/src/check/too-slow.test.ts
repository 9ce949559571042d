import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/analysis/analyse.ts';
import type { Run } from '../../../src/analysis/run/run-view.ts';
import { selectRows } from '../../../src/check/battery.ts';
import { judgeRow } from '../../../src/check/judge-row.ts';
import type { CheckRow } from '../../../src/check/row.ts';
import { isTooSlow, tooSlowResult } from '../../../src/check/too-slow.ts';
import { header, repeated, runOf, strip } from '../analysis/strip.ts';

const row = (id: string): CheckRow => selectRows([id])[0]!;

/** A run on clocks ten times as fast, whose timers were so late, in the client's time. */
function scaled(timeline: string, timersLateMs: number, verdicts: readonly string[]): Run {
  const head = header([], {
    time: 'scaled',
    speed: 10,
    verdicts: Object.fromEntries(verdicts.map((id) => [id, 'error' as const])),
  });
  const records = repeated(timeline, 5, 20_000).map((record) =>
    record.type === 'attempt' && record.status === 429 ? { ...record, fault: 'refuse' as const } : record,
  );
  const run = runOf(records, { head: { ...head, time: 'scaled' } });
  return { ...run, timersLateUs: timersLateMs * 1000 };
}

/** Told 2 s, each call comes back after a second. */
const EARLY = `
  a.1 0-20 429 ra=2000
  a.2 1020-1040 200
  => a ok`;
/** Told 2 s, each call comes back after 2.1 s. */
const OBEDIENT = `
  a.1 0-20 429 ra=2000
  a.2 2120-2140 200
  => a ok`;

const judged = (id: string, run: Run) => judgeRow(row(id), run, analyse(run));

describe('a row on a slow machine', () => {
  const id = 'retry-after-seconds';
  const verdicts = ['ignores-retry-after'];

  it('is the client when the timers were on time', () => {
    const run = scaled(EARLY, 20, verdicts);
    const result = judged(id, run);
    expect(result).toMatchObject({ verdict: 'fail', decidedBy: 'ignores-retry-after' });
    expect(isTooSlow(row(id), run, result)).toBe(false);
  });

  it('is not accused of what the machine may have done', () => {
    const run = scaled(EARLY, 300, verdicts);
    const result = judged(id, run);
    expect(result.verdict).toBe('fail');
    expect(isTooSlow(row(id), run, result)).toBe(true);
    const undecided = tooSlowResult(result, run);
    expect(undecided.verdict).toBe('undecided');
    expect(undecided.reason).toMatch(
      /^The machine was too slow: times in this run are exact to 600ms only\. It looked like fail \(ignores-retry-after\): \S/,
    );
    expect(undecided.act).toBe('Run it again with less beside it: --only retry-after-seconds.');
    expect(undecided.evidence).toEqual(result.evidence);
    expect(undecided.evidence.length).toBeGreaterThan(0);
  });

  it('does not pass either, if a wait that is too short would look the same', () => {
    // Exact to 2.4 s: who waits for nothing looks like who waits for 2.1 s.
    const late = scaled(OBEDIENT, 1200, verdicts);
    expect(judged(id, late).verdict).toBe('pass');
    expect(isTooSlow(row(id), late, judged(id, late))).toBe(true);
    const soon = scaled(OBEDIENT, 300, verdicts);
    expect(judged(id, soon).verdict).toBe('pass');
    expect(isTooSlow(row(id), soon, judged(id, soon))).toBe(false);
  });

  it('is judged all the same by what it sent and returned', () => {
    const unauthorized = row('unauthorized');
    const head = { time: 'scaled', speed: 10, verdicts: { 'retries-non-retryable': 'error' } } as const;
    const tries = strip(`
      a.1 0-20 401
      a.2 1020-1040 401
      a.3 2020-2040 401
      => a error`);
    const run = { ...runOf(tries, { head: { ...header([], head), time: 'scaled' } }), timersLateUs: 5_000_000 };
    const result = judgeRow(unauthorized, run, analyse(run));
    expect(result).toMatchObject({ verdict: 'fail', decidedBy: 'retries-non-retryable' });
    expect(isTooSlow(unauthorized, run, result)).toBe(false);
  });

  it('cannot happen in virtual time', () => {
    const run = scaled(EARLY, 300, verdicts);
    const virtual = { ...run, header: { ...run.header, time: 'virtual' as const } };
    expect(isTooSlow(row(id), virtual, judged(id, virtual))).toBe(false);
  });
});
