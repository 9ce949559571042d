import { describe, expect, it } from 'vitest';
import { parseWaitMessage } from '../../../mock-server/dialects/stated-wait.ts';
import { replyFacts } from '../../../src/recorded/bodies.ts';
import { readRequestedWait } from '../../../src/recorded/requested-wait.ts';

const read = (headers: Record<string, string>, text?: string) =>
  readRequestedWait(headers, { text, ...replyFacts(text) }, AT);
const AT = Date.parse('2026-11-25T10:00:00.500Z') * 1000;

describe('readRequestedWait', () => {
  it.each([
    ['whole seconds', { 'retry-after': '20' }, { raw: '20', us: 20_000_000, source: 'retry-after' }],
    [
      'milliseconds first',
      { 'retry-after': '2', 'retry-after-ms': '1500' },
      { raw: '2', us: 1_500_000, source: 'retry-after-ms' },
    ],
    [
      'a date, relative to the reply head',
      { 'retry-after': 'Wed, 25 Nov 2026 10:00:04 GMT' },
      { raw: 'Wed, 25 Nov 2026 10:00:04 GMT', us: 3_500_000, source: 'retry-after' },
    ],
    [
      'a date in the past',
      { 'retry-after': 'Wed, 25 Nov 2026 09:59:00 GMT' },
      { raw: 'Wed, 25 Nov 2026 09:59:00 GMT', us: 0, source: 'retry-after' },
    ],
    ['invalid text', { 'retry-after': 'soon' }, { raw: 'soon', source: 'retry-after' }],
    ['a negative number', { 'retry-after': '-1' }, { raw: '-1', us: 0, source: 'retry-after' }],
    ['a fraction', { 'retry-after': '1.5' }, { raw: '1.5', us: 1_500_000, source: 'retry-after' }],
    ['a duration', { 'retry-after': '6m0s' }, { raw: '6m0s', us: 360_000_000, source: 'retry-after' }],
    [
      'invalid milliseconds',
      { 'retry-after': '2', 'retry-after-ms': 'x' },
      { raw: '2', us: 2_000_000, source: 'retry-after' },
    ],
    ['nothing', {}, undefined],
  ])('%s', (_name, headers, expected) => {
    expect(read(headers as Record<string, string>)).toEqual(expected);
  });

  it("Gemini's RetryInfo, and a wait in the message only", () => {
    const info = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.5s' };
    const body = JSON.stringify({ error: { code: 429, details: [info] } });
    expect(read({}, body)).toEqual({ raw: '34.5s', us: 34_500_000, source: 'retry-info' });
    expect(read({}, `[${body}]`)).toEqual({ raw: '34.5s', us: 34_500_000, source: 'retry-info' });
    expect(read({}, '{"error":{"message":"Please try again in 6m0s."}}')).toEqual({
      us: 360_000_000,
      source: 'message',
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
    expect(parseWaitMessage(message)).toBe(expected);
  });
});
