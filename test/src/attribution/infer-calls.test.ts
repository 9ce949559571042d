import { describe, expect, it } from 'vitest';
import { inferCalls } from '../../../src/attribution/infer-calls.ts';
import { parseAttempts } from './attempts.ts';

const END_US = 600_000_000;

/** Returns call and rung of each attempt: `1 retry-count`, `- none`. */
function joins(strip: string): string[] {
  return inferCalls(parseAttempts(strip), END_US).attempts.map(({ call, joinedBy }) => `${call ?? '-'} ${joinedBy}`);
}

describe('inferCalls', () => {
  it('one idempotency key is one call, whatever happens in between', () => {
    expect(joins('0-20 429 idem=a\n10-30 429 idem=b\n500-700 200 idem=b\n90000-90100 200 idem=a')).toEqual([
      '1 idempotency',
      '2 idempotency',
      '2 idempotency',
      '1 idempotency',
    ]);
  });

  it("the SDK's retry count joins to the one open call with that body", () => {
    expect(
      joins('0-20 429 rc=0 body=a\n10-30 429 rc=0 body=b\n500-700 200 rc=1 body=b\n520-540 200 rc=1 body=a'),
    ).toEqual(['1 retry-count', '2 retry-count', '2 retry-count', '1 retry-count']);
  });

  it('joins a body sent again soon after a failure if no other call sent it', () => {
    expect(joins('0-20 503 body=a\n10-500 200 body=b\n900-1000 200 body=a')).toEqual([
      '1 body-hash',
      '2 body-hash',
      '1 body-hash',
    ]);
  });

  it('does not join by a body that other calls send at the same time', () => {
    expect(joins('0-20 429\n10-30 429\n500-520 200\n510-530 200')).toEqual(['- none', '- none', '- none', '- none']);
  });

  it('API keys may rotate within a call', () => {
    expect(joins('0-20 429 key=a\n1020-1040 429 key=b\n3040-3500 200 key=c')).toEqual([
      '1 body-hash',
      '1 body-hash',
      '1 body-hash',
    ]);
  });

  it('API keys distinguish calls that send the same body at the same time', () => {
    expect(joins('0-20 429 key=a\n10-30 429 key=b\n500-520 200 key=a\n510-530 200 key=b')).toEqual([
      '1 body-hash',
      '2 body-hash',
      '1 body-hash',
      '2 body-hash',
    ]);
  });

  it('returns attempts in the given order', () => {
    const { attempts } = inferCalls(parseAttempts('500-700 200 idem=a\n0-900 429 idem=b\n10-20 429 idem=a'), END_US);
    expect(attempts.map(({ id, call }) => `${id} of ${call}`)).toEqual(['1 of 2', '2 of 1', '3 of 2']);
  });

  it('an aborted attempt may end after its retry has started', () => {
    expect(joins('0-1005 aborted body=a\n1001-1500 200 body=a')).toEqual(['1 body-hash', '1 body-hash']);
  });

  it('a call ends as its last attempt; a call that may continue after the end is open', () => {
    const strip = `
      0-20 429 body=a
      500-700 200 body=a
      1000-1020 400 body=b
      595000-595020 429 body=c
      596000-600000 open body=d`;
    const { calls } = inferCalls(parseAttempts(strip), END_US);
    expect(calls.map(({ id, startUs, endUs, result, error }) => [id, startUs, endUs, result, error?.status])).toEqual([
      [1, 0, 700_000, 'ok', undefined],
      [2, 1_000_000, 1_020_000, 'error', 400],
      [3, 595_000_000, END_US, 'open', undefined],
      [4, 596_000_000, END_US, 'open', undefined],
    ]);
  });

  it('no attempts, no calls', () => {
    expect(inferCalls([], END_US)).toEqual({ attempts: [], calls: [] });
  });
});
