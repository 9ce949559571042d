import { describe, expect, it } from 'vitest';
import {
  findRetries,
  findUnattributed,
  isAdmitted,
  isOverload,
  isRejected,
  nonRetryableReason,
  waitBeforeUs,
} from '../../../../src/analysis/run/attempts.ts';
import type { AttemptRecord } from '../../../../src/journal/call-records.ts';
import { runOf, strip } from '../strip.ts';

const only = (line: string, change: Partial<AttemptRecord> = {}) =>
  runOf(strip(line).map((record) => (record.type === 'attempt' ? { ...record, ...change } : record))).attempts[0]!;

describe('isAdmitted, isRejected, isOverload', () => {
  it.each([
    ['a.1 0-9 200', 'admitted'],
    ['a.1 0-9 299', 'admitted'],
    ['a.1 0-9 300', 'none'],
    ['a.1 0-9 199', 'none'],
    ['a.1 0-9 cut', 'none'],
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
    ['a.1 0-9 501', 'none'],
    ['a.1 0-9 404', 'none'],
    ['a.1 0-9 404 code=slow_down', 'none'],
    ['a.1 0-9 reset', 'none'],
  ])('%s: %s', (line, kind) => {
    const attempt = only(line);
    const actual = { admitted: isAdmitted(attempt), rejected: isRejected(attempt), overload: isOverload(attempt) };
    expect(actual).toEqual({
      admitted: kind === 'admitted',
      rejected: kind === 'rejected',
      overload: kind === 'overload',
    });
  });

  it.each([429, 503, 200, 500])('none for a broken reply with status %i', (status) => {
    const broken = only(`a.1 0-9 ${status} code=slow_down`, { outcome: 'reset' });
    expect([isAdmitted(broken), isRejected(broken), isOverload(broken)]).toEqual([false, false, false]);
  });
});

describe('nonRetryableReason', () => {
  it.each([
    ['a.1 0-9 429 should=false admitAt=9', 'should-not-retry'],
    ['a.1 0-9 400 should=false', 'should-not-retry'],
    ['a.1 0-9 500 should=false', 'should-not-retry'],
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
  ])('%s: %s', (line, reason) => {
    expect(nonRetryableReason(only(line))).toBe(reason);
  });

  it('is undefined for a 429 without a limit, e.g. from a fault', () => {
    const { deniedBy: _, ...withoutLimit } = only('a.1 0-9 429');
    expect(nonRetryableReason(withoutLimit)).toBeUndefined();
  });
});

describe('findRetries', () => {
  const run = runOf(
    strip(`
      a.1 0-40 429
      a.2 100-140 500
      a.3 200-240 429
      a.4 300-340 200
      b.1 50-90 429
    `),
  );

  it('returns retries after refusals, not after server faults', () => {
    expect(findRetries(run).map(({ call, refused, next, gapUs: us }) => [call.id, refused.id, next.id, us])).toEqual([
      [1, 1, 2, 60_000],
      [1, 3, 4, 60_000],
    ]);
    // The list is cached, since many verdicts need it.
    expect(findRetries(run)).toBe(findRetries(run));
  });

  it('a wait starts at the head of the refusal, or at its end without a head', () => {
    const timeline = strip('a.1 0-40 429\na.2 100-110 200');
    const gapOf = (head: object): number => {
      const records = timeline.map((record) =>
        record.type === 'attempt' && record.id === 1 ? { ...record, ...head } : record,
      );
      const [first, second] = runOf(records).calls[0]!.attempts;
      return waitBeforeUs(first!, second!);
    };
    expect(gapOf({ headersUs: 10_000 })).toBe(90_000);
    expect(gapOf({ headersUs: undefined })).toBe(60_000);
  });

  it('findUnattributed returns attempts without a call', () => {
    const lost = runOf(
      strip('a.1 0-9 200\na.2 10-19 200').map((record) =>
        record.type === 'attempt' && record.id === 2 ? { ...record, call: null, joinedBy: 'none' as const } : record,
      ),
    );
    expect(findUnattributed(lost).map(({ id }) => id)).toEqual([2]);
    expect(findUnattributed(run)).toEqual([]);
  });
});
