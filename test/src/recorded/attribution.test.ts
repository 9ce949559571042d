import { describe, expect, it } from 'vitest';
import { callsIn, harStrip, joins, read } from './traffic.ts';

const marker = { in: 'header', name: 'x-call' } as const;

describe('rungs that join recorded attempts to calls, best first', () => {
  it('joins by a shared idempotency key, whatever happens in between', () => {
    const strip = harStrip(`
      0-20 429 idem=a
      10-30 429 idem=b
      500-700 200 idem=b
      900000-900100 200 idem=a
    `);
    expect(joins(strip)).toEqual(['1 idempotency', '2 idempotency', '2 idempotency', '1 idempotency']);
  });

  it('joins by a configured marker', () => {
    const strip = harStrip('0-20 429 group=a\n5-25 429 group=b\n600-700 200 group=a\n700-800 200 group=b');
    expect(joins(strip, { marker })).toEqual(['1 marker', '2 marker', '1 marker', '2 marker']);
  });

  it('a marker with requests after a success is a session and joins nothing', () => {
    const strip = harStrip('0-20 200 group=s body=x\n500-600 200 group=s body=y\n900-990 200 group=s body=z');
    expect(joins(strip, { marker })).toEqual(['1 body-hash', '2 body-hash', '3 body-hash']);
  });

  it("joins by the SDK's retry count, with the same body and key", () => {
    const strip = harStrip(`
      0-20 429 rc=0 body=a
      10-30 429 rc=0 body=b
      500-520 429 rc=1 body=a
      600-800 200 rc=1 body=b
      1500-1700 200 rc=2 body=a
    `);
    expect(joins(strip)).toEqual(['1 retry-count', '2 retry-count', '1 retry-count', '2 retry-count', '1 retry-count']);
  });

  it('a retry that may belong to two calls: none of the three attempts is joined', () => {
    const strip = harStrip('0-20 429 rc=0\n5-25 429 rc=0\n600-800 200 rc=1\n2000-2100 200 rc=0 body=other');
    expect(joins(strip)).toEqual(['- none', '- none', '- none', '1 retry-count']);
  });

  it('does not join a retry whose call began before the recording', () => {
    expect(joins(harStrip('0-200 200 rc=1\n500-700 200 rc=0 body=b'))).toEqual(['- none', '1 retry-count']);
  });

  it('a restarted count with a body that no other call sends is a second retry layer of one call', () => {
    const strip = harStrip(
      '0-20 429 rc=0 body=a\n500-520 429 rc=1 body=a\n2000-2020 429 rc=0 body=a\n2500-2600 200 rc=1 body=a',
    );
    expect(joins(strip)).toEqual(['1 retry-count', '1 retry-count', '1 body-hash', '1 retry-count']);
  });

  it('joins a body sent again soon after a failure if no other call sent it', () => {
    expect(joins(harStrip('0-20 503 body=a\n10-500 200 body=b\n900-1000 200 body=a'))).toEqual([
      '1 body-hash',
      '2 body-hash',
      '1 body-hash',
    ]);
  });

  it('does not join by a body that other calls send too', () => {
    const strip = harStrip('0-20 429\n100-300 200\n900-1000 200\n200000-200100 200 body=alone');
    expect(joins(strip)).toEqual(['- none', '- none', '- none', '1 body-hash']);
  });

  it('the same body with another key is another call', () => {
    expect(joins(harStrip('0-20 429 key=k1\n900-1000 200 key=k2'))).toEqual(['1 body-hash', '2 body-hash']);
  });

  it.each([
    ['after the retry window', '0-20 429\n30000-30100 200'],
    ['after a non-retryable status', '0-20 400\n900-1000 400'],
    ['while the first attempt is open', '0-900 503\n500-1000 200'],
  ])('does not join one body sent twice %s', (_name, strip) => {
    expect(joins(harStrip(strip))).toEqual(['- none', '- none']);
  });

  it('the retry window is twice Retry-After plus 10 s', () => {
    expect(joins(harStrip('0-20 429 ra=15\n39000-39100 200'))).toEqual(['1 body-hash', '1 body-hash']);
    expect(joins(harStrip('0-20 429 ra=15\n41000-41100 200'))).toEqual(['- none', '- none']);
  });

  it('does not join a retry after x-should-retry: false', () => {
    expect(joins(harStrip('0-20 429 should=false\n900-1000 200'))).toEqual(['- none', '- none']);
    expect(joins(harStrip('0-20 429 should=true\n900-1000 200'))).toEqual(['1 body-hash', '1 body-hash']);
  });
});

describe('calls of a recording', () => {
  it('end as their last attempt; a call that failed near the end is open', () => {
    const { records } = read(
      harStrip(`
        0-20 429 rc=0 body=a
        500-700 200 rc=1 body=a
        1000-1020 400 rc=0 body=b
        2000-2020 429 rc=0 body=c
        60000-60020 429 rc=0 body=d
      `),
    );
    expect(
      callsIn(records).map(({ startUs, endUs, result, error }) => [startUs, endUs, result, error?.status]),
    ).toEqual([
      [0, 700_000, 'ok', undefined],
      [1_000_000, 1_020_000, 'error', 400],
      [2_000_000, 2_020_000, 'error', 429],
      [60_000_000, 60_020_000, 'open', undefined],
    ]);
  });
});
