import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from './client-value.ts';
import { meantWaitMs, readWaitMs } from './reading.ts';

const NOW_MS = Date.parse('2025-01-01T00:00:10.400Z');
const IN_4_S = 'Wed, 01 Jan 2025 00:00:14 GMT';

describe('what each reader makes of a Retry-After', () => {
  it.each([
    // sent, exact, strict, leading digits, number as milliseconds
    ['3', 3000, 3000, 3000, 3],
    ['1.5', 1500, undefined, 1000, 1.5],
    ['+3', 3000, undefined, 3000, 3],
    ['-3', undefined, undefined, undefined, undefined],
    ['soon', undefined, undefined, undefined, undefined],
    [IN_4_S, 3600, 3600, undefined, undefined],
  ] as const)('%s', (retryAfter, exact, strict, digits, asMs) => {
    const read = (how: Reading): number | undefined => readWaitMs(how, { retryAfter }, NOW_MS);
    expect(read('exact')).toBe(exact);
    expect(read('strict')).toBe(strict);
    expect(read('leading-digits')).toBe(digits);
    expect(read('number-as-milliseconds')).toBe(asMs);
    expect(read('ignored')).toBeUndefined();
  });

  it('dates: by the date of the reply, by the own clock, as a number', () => {
    // The provider's clock is 30 s slow, and it means a wait of 4 s.
    const text = { retryAfter: 'Wed, 01 Jan 2025 00:00:14 GMT', date: 'Wed, 01 Jan 2025 00:00:10 GMT' };
    const ownMs = Date.parse('2025-01-01T00:00:40Z');
    expect(meantWaitMs(text, ownMs)).toBe(4000);
    expect(readWaitMs('own-clock', text, ownMs)).toBeUndefined();
    expect(readWaitMs('own-clock', text, ownMs - 50_000)).toBe(24_000);
    expect(readWaitMs('date-as-number', text, ownMs)).toBeNaN();
  });

  it('retry-after-ms goes before retry-after, for all who read at all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (ms) => {
        const text = { retryAfter: '9', retryAfterMs: String(ms) };
        expect(readWaitMs('exact', text, NOW_MS)).toBe(ms);
        expect(readWaitMs('milliseconds-as-seconds', text, NOW_MS)).toBe(1000 * ms);
      }),
    );
  });
});
