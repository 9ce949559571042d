import { describe, expect, it } from 'vitest';
import {
  gapUs,
  hopelessness,
  isAdmitted,
  isOverload,
  isRejected,
  retriesOf,
  unattributedOf,
} from '../../../../src/analysis/run/attempts.ts';
import type { AttemptRecord } from '../../../../src/journal/record.ts';
import { runOf, strip } from '../strip.ts';

const only = (line: string, change: Partial<AttemptRecord> = {}) =>
  runOf(strip(line).map((record) => (record.type === 'attempt' ? { ...record, ...change } : record))).attempts[0]!;

describe('what became of an attempt', () => {
  it.each([
    ['a.1 0-9 200', 'admitted'],
    ['a.1 0-9 299', 'admitted'],
    ['a.1 0-9 300', 'nothing of these'],
    ['a.1 0-9 199', 'nothing of these'],
    ['a.1 0-9 cut', 'nothing of these'],
    ['a.1 0-9 429', 'rejected'],
    ['a.1 0-9 503 code=rate_limit_exceeded', 'rejected'],
    ['a.1 0-9 503 code=slow_down', 'rejected'],
    ['a.1 0-9 503 code=server_is_overloaded', 'overload'],
    ['a.1 0-9 503', 'overload'],
    ['a.1 0-9 500 code=slow_down', 'overload'],
    ['a.1 0-9 408', 'overload'],
    ['a.1 0-9 502', 'overload'],
    ['a.1 0-9 504', 'overload'],
    ['a.1 0-9 529', 'overload'],
    ['a.1 0-9 501', 'nothing of these'],
    ['a.1 0-9 404', 'nothing of these'],
    ['a.1 0-9 404 code=slow_down', 'nothing of these'],
    ['a.1 0-9 reset', 'nothing of these'],
  ])('%s: %s', (line, what) => {
    const attempt = only(line);
    const is = { admitted: isAdmitted(attempt), rejected: isRejected(attempt), overload: isOverload(attempt) };
    expect(is).toEqual({
      admitted: what === 'admitted',
      rejected: what === 'rejected',
      overload: what === 'overload',
    });
  });

  it.each([429, 503, 200, 500])('a head of %i whose answer broke off is none of them', (status) => {
    const broken = only(`a.1 0-9 ${status} code=slow_down`, { outcome: 'reset' });
    expect([isAdmitted(broken), isRejected(broken), isOverload(broken)]).toEqual([false, false, false]);
  });
});

describe('why repeating cannot help', () => {
  it.each([
    ['a.1 0-9 429 should=false admitAt=9', 'told not to'],
    ['a.1 0-9 400 should=false', 'told not to'],
    ['a.1 0-9 500 should=false', 'told not to'],
    ['a.1 0-9 429 should=true admitAt=9', undefined],
    ['a.1 0-9 400', 'mistake'],
    ['a.1 0-9 405', 'mistake'],
    ['a.1 0-9 413', 'mistake'],
    ['a.1 0-9 409', undefined],
    ['a.1 0-9 429 code=billing_not_active admitAt=9', 'billing'],
    ['a.1 0-9 429 type=insufficient_quota admitAt=9', 'billing'],
    ['a.1 0-9 500 code=insufficient_quota', undefined],
    ['a.1 0-9 429 type=requests admitAt=9', undefined],
    ['a.1 0-9 429', 'too large'],
    ['a.1 0-9 503', undefined],
    ['a.1 0-9 reset should=false', undefined],
  ])('%s: %s', (line, why) => {
    expect(hopelessness(only(line))).toBe(why);
  });

  it('a 429 that no limit gave, such as that of a fault, may be over the next time', () => {
    const { deniedBy: _, ...said } = only('a.1 0-9 429');
    expect(hopelessness(said)).toBeUndefined();
  });
});

describe('retries after refusals', () => {
  const run = runOf(
    strip(`
      a.1 0-40 429
      a.2 100-140 500
      a.3 200-240 429
      a.4 300-340 200
      b.1 50-90 429
    `),
  );

  it('each with what came before; what followed a fault of the server is none', () => {
    expect(retriesOf(run).map(({ call, refused, next, gapUs: us }) => [call.id, refused.id, next.id, us])).toEqual([
      [1, 1, 2, 60_000],
      [1, 3, 4, 60_000],
    ]);
    // Asked again, the same list, not a new one: many verdicts ask.
    expect(retriesOf(run)).toBe(retriesOf(run));
  });

  it('a wait begins with the head of the refusal, or with the end where none came', () => {
    const film = strip('a.1 0-40 429\na.2 100-110 200');
    const gapOf = (head: object): number => {
      const records = film.map((record) =>
        record.type === 'attempt' && record.id === 1 ? { ...record, ...head } : record,
      );
      const [first, second] = runOf(records).calls[0]!.attempts;
      return gapUs(first!, second!);
    };
    expect(gapOf({ headersUs: 10_000 })).toBe(90_000);
    expect(gapOf({ headersUs: undefined })).toBe(60_000);
  });

  it('attempts of no call are told apart', () => {
    const lost = runOf(
      strip('a.1 0-9 200\na.2 10-19 200').map((record) =>
        record.type === 'attempt' && record.id === 2 ? { ...record, call: null, joinedBy: 'none' as const } : record,
      ),
    );
    expect(unattributedOf(lost).map(({ id }) => id)).toEqual([2]);
    expect(unattributedOf(run)).toEqual([]);
  });
});
