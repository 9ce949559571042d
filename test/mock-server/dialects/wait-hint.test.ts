import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestedWait } from '../../../mock-server/admission/retry-after.ts';
import { retryDelay } from '../../../mock-server/dialects/gemini/refusal.ts';
import { httpDate, parseHttpDate } from '../../../mock-server/dialects/http-date.ts';
import { retryAfterHeaders } from '../../../mock-server/dialects/retry-after-header.ts';
import {
  CARELESS_READINGS,
  findReset,
  type HintSource,
  meantWaitUs,
  type Reading,
  readWaitUs,
  type WaitHint,
} from '../../../mock-server/dialects/wait-hint.ts';

const S = 1_000_000;
const NOW = Date.parse('2026-01-01T00:00:00Z') * 1000;
const hint = (raw: string, source: HintSource = 'retry-after', skewUs = 0): WaitHint => ({
  source,
  raw,
  sentUs: NOW + skewUs,
  skewUs,
});
const readings: readonly Reading[] = ['strict', 'lenient', ...CARELESS_READINGS];

describe('what the sender meant', () => {
  it.each([
    ['10', 10],
    ['1.5', 1.5],
    ['3.0', 3],
    ['+3', 3],
    ['-3', 0],
    ['0', 0],
    ['6m0s', 360],
    ['500ms', 0.5],
    ['Thu, 01 Jan 2026 00:00:04 GMT', 4],
    ['Thu 01 Jan 2026 00:00:04 GMT', 4],
    ['Thursday, 01-Jan-26 00:00:04 GMT', 4],
    ['Thu Jan  1 00:00:04 2026', 4],
    ['2026-01-01T00:00:04.5Z', 4.5],
    ['Wed, 31 Dec 2025 23:59:30 GMT', 0],
    ['1767225604', 4],
    ['1767225604000', 4],
    ['soon', undefined],
    ['', undefined],
    ['NaN', undefined],
    ['Wed, 99 Foo 2026 10:00:00 GMT', undefined],
  ])('%s: %s s', (raw, seconds) => {
    expect(meantWaitUs(hint(raw))).toBe(seconds === undefined ? undefined : seconds * S);
  });

  it('depends on the source', () => {
    expect(meantWaitUs(hint('1500', 'retry-after-ms'))).toBe(1.5 * S);
    expect(meantWaitUs(hint('60s', 'retry-info'))).toBe(60 * S);
    expect(meantWaitUs(hint('2026-01-01T00:01:00Z', 'reset'))).toBe(60 * S);
    expect(findReset({ 'x-ratelimit-reset-requests': '6m0s' }, 'requests')).toBe('6m0s');
    expect(findReset({ 'anthropic-ratelimit-requests-reset': 'x', other: 'y' }, 'requests')).toBe('x');
    expect(findReset({ 'x-ratelimit-reset-requests': '6m0s' }, 'tokens')).toBeUndefined();
  });
});

/** Waits in seconds by reading; readings that are not named agree with the sender. */
describe('what readers make of it', () => {
  it.each<[string, HintSource, Partial<Record<Reading, number | undefined>>]>([
    [
      '1.5',
      'retry-after',
      {
        strict: undefined,
        'leading digits only': 1,
        'number as milliseconds': 0.0015,
        'relative as epoch': 0,
        'date by a parser that takes a year': 0,
      },
    ],
    [
      '3.0',
      'retry-after',
      {
        strict: undefined,
        'number as milliseconds': 0.003,
        'relative as epoch': 0,
        'date by a parser that takes a year': undefined,
      },
    ],
    [
      '+3',
      'retry-after',
      {
        strict: undefined,
        'number as milliseconds': 0.003,
        'relative as epoch': 0,
        'date by a parser that takes a year': 0,
      },
    ],
    ['-3', 'retry-after', { strict: undefined, 'sign lost': 3 }],
    ['10', 'retry-after', { 'number as milliseconds': 0.01, 'relative as epoch': 0 }],
    ['6m0s', 'retry-after', { strict: undefined, 'leading digits only': 6, 'number as milliseconds': 0.006 }],
    ['1500', 'retry-after-ms', { 'milliseconds as seconds': 1500, 'relative as epoch': 0 }],
    ['60s', 'retry-info', { 'number as milliseconds': 0.06 }],
    ['6m0s', 'reset', { 'leading digits only': 6, 'number as milliseconds': 0.006 }],
    ['500ms', 'reset', { 'leading digits only': 500, 'number as milliseconds': 0.5 }],
    [
      '1767225604',
      'retry-after',
      {
        strict: 1_767_225_604,
        lenient: 1_767_225_604,
        'leading digits only': 1_767_225_604,
        'number as milliseconds': 1_767_225.604,
        'milliseconds as seconds': 1_767_225_604,
        'epoch as relative': 1_767_225_604,
        'clock not taken from date': 1_767_225_604,
        'sign lost': 1_767_225_604,
        'date by a parser that takes a year': 1_767_225_604,
      },
    ],
    [
      'Thu, 01 Jan 2026 00:00:04 GMT',
      'retry-after',
      { 'leading digits only': undefined, 'number as milliseconds': undefined },
    ],
  ])('%s in %s', (raw, source, differing) => {
    const meant = meantWaitUs(hint(raw, source));
    const expected = Object.fromEntries(
      readings.map((reading) => {
        if (reading in differing)
          return [reading, differing[reading] === undefined ? undefined : differing[reading]! * S];
        return [reading, reading === 'ignored' ? undefined : meant];
      }),
    );
    expect(Object.fromEntries(readings.map((reading) => [reading, readWaitUs(hint(raw, source), reading)]))).toEqual(
      expected,
    );
  });

  it('a date by the own clock is wrong by the skew', () => {
    const ahead = hint('Thu, 01 Jan 2026 00:00:34 GMT', 'retry-after', 30 * S);
    expect(readWaitUs(ahead, 'strict')).toBe(4 * S);
    expect(readWaitUs(ahead, 'clock not taken from date')).toBe(34 * S);
    const behind = hint('Wed, 31 Dec 2025 23:59:34 GMT', 'retry-after', -30 * S);
    expect(readWaitUs(behind, 'strict')).toBe(4 * S);
    expect(readWaitUs(behind, 'clock not taken from date')).toBe(0);
  });

  it('property: a number as a year is read as Date.parse of V8 reads it', () => {
    // Local time may differ from UTC by a day.
    const DAY_US = 86_400 * S;
    const text = fc
      .tuple(fc.constantFrom('+', '-', ''), fc.nat(3000), fc.option(fc.nat(40), { nil: undefined }))
      .filter(([sign, , fraction]) => sign !== '' || fraction !== undefined)
      .map(([sign, number, fraction]) => `${sign}${number}${fraction === undefined ? '' : `.${fraction}`}`);
    fc.assert(
      fc.property(text, (raw) => {
        // A time long before every year, so that no wait is cut at 0.
        const sentUs = Date.UTC(-10_000, 0) * 1000;
        const read = readWaitUs({ ...hint(raw), sentUs }, 'date by a parser that takes a year');
        const parsed = Date.parse(raw);
        if (Number.isNaN(parsed)) return read === undefined;
        return read !== undefined && Math.abs(read + sentUs - parsed * 1000) <= DAY_US;
      }),
    );
  });
});

describe('what the provider sends is what it means', () => {
  it('property: the stated wait is what the text of its source means, in every form', () => {
    const wait = fc.oneof(
      fc.record({
        in: fc.constantFrom('seconds' as const, 'milliseconds' as const, 'http-date' as const),
        waitUs: fc.nat(86_400 * S),
      }),
      fc.record({ in: fc.constant('http-date' as const), waitUs: fc.integer({ min: -60 * S, max: -1 }) }),
      fc.record({ in: fc.constant('literal' as const), text: fc.constantFrom('1.5', '+3', '-3', 'soon', '6m0s', '7') }),
      fc.record({ in: fc.constant('literal' as const), ms: fc.constantFrom('1500', '-5', 'x') }),
    );
    fc.assert(
      fc.property(wait, fc.nat(100 * S), (requested, offsetUs) => {
        const nowUs = NOW + offsetUs;
        for (const build of [retryAfterHeaders, retryDelay]) {
          const { raw, source, headers, statedWaitUs } = build(requested as RequestedWait, nowUs);
          const text = source === 'retry-info' ? raw : headers[source]!;
          expect(meantWaitUs({ source, raw: text, sentUs: nowUs, skewUs: 0 })).toBe(statedWaitUs);
        }
      }),
    );
  });

  it('dates are read back', () => {
    fc.assert(fc.property(fc.nat(4e9), (seconds) => parseHttpDate(httpDate(seconds * 1000)) === seconds * S));
  });
});
