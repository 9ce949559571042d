import { describe, expect, it } from 'vitest';
import { toldWait, wordsIn } from '../../../src/recorded/told-wait.ts';

const AT = Date.parse('2026-11-25T10:00:00.500Z') * 1000;

describe('the wait that an answer tells', () => {
  it.each([
    ['whole seconds', { 'retry-after': '20' }, { raw: '20', us: 20_000_000, by: 'retry-after' }],
    [
      'milliseconds first',
      { 'retry-after': '2', 'retry-after-ms': '1500' },
      { raw: '2', us: 1_500_000, by: 'retry-after-ms' },
    ],
    [
      'a date, from the head on',
      { 'retry-after': 'Wed, 25 Nov 2026 10:00:04 GMT' },
      { raw: 'Wed, 25 Nov 2026 10:00:04 GMT', us: 3_500_000, by: 'retry-after' },
    ],
    [
      'a date that is past',
      { 'retry-after': 'Wed, 25 Nov 2026 09:59:00 GMT' },
      { raw: 'Wed, 25 Nov 2026 09:59:00 GMT', us: 0, by: 'retry-after' },
    ],
    ['a text that is not legal', { 'retry-after': 'soon' }, { raw: 'soon', by: 'retry-after' }],
    ['a negative number', { 'retry-after': '-1' }, { raw: '-1', by: 'retry-after' }],
    ['nothing', {}, undefined],
  ])('%s', (_name, headers, expected) => {
    expect(toldWait(headers as Record<string, string>, undefined, AT)).toEqual(expected);
  });

  it("Gemini's RetryInfo, and words that only a message has", () => {
    const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' };
    const body = JSON.stringify({ error: { code: 429, details: [info] } });
    expect(toldWait({}, body, AT)).toEqual({ raw: '34.5s', us: 34_500_000, by: 'retry-info' });
    expect(toldWait({}, `[${body}]`, AT)).toEqual({ raw: '34.5s', us: 34_500_000, by: 'retry-info' });
    expect(toldWait({}, '{"error":{"message":"Please try again in 6m0s."}}', AT)).toEqual({
      us: 360_000_000,
      by: 'message',
    });
  });

  it.each([
    ['Please try again in 20s.', 20_000_000],
    ['Please try again in 150ms. Visit', 150_000],
    ['Try again in 60 seconds.', 60_000_000],
    ['Please retry after 1 minute', 60_000_000],
    ['Please try again in 1h0m7.5s', 3_607_500_000],
    ['Please try again later', undefined],
  ])('%s', (message, expected) => {
    expect(wordsIn(message)).toBe(expected);
  });
});
