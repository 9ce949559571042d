import { describe, expect, it } from 'vitest';
import { parseRetryAfter, parseWait } from '../../../mock-server/dialects/stated-wait.ts';
import { readHeaders } from '../../../src/learn/read-headers.ts';
import { readRefusal } from '../../../src/learn/read-refusal.ts';
import type { Observation } from '../../../src/recorded/observation.ts';
import { S, START_US } from '../../mock-server/openai-provider.ts';

const reply = (headers: Record<string, string>, rest: Partial<Observation> = {}): Observation => ({
  atUs: START_US,
  endUs: START_US,
  timed: true,
  status: 200,
  endpoint: 'chat.completions',
  headers,
  ...rest,
});
const read = (headers: Record<string, string>) => readHeaders(reply(headers), 0);
const refused = (errorText: string, rest: Partial<Observation> = {}) =>
  readRefusal(reply({}, { status: 429, errorText, ...rest }), 0);

describe('headers', () => {
  it('OpenAI: Go durations, cut to the millisecond (a capture of 2025)', () => {
    const headers = {
      'x-ratelimit-limit-requests': '10000',
      'x-ratelimit-remaining-requests': '9999',
      'x-ratelimit-reset-requests': '8.64s',
      'x-ratelimit-limit-tokens': '10000',
      'x-ratelimit-remaining-tokens': '9481',
      'x-ratelimit-reset-tokens': '1m3.114s',
    };
    expect(read(headers)).toMatchObject([
      { unit: 'requests', limit: 10_000, remaining: 9999, resetUs: { low: 8.64 * S, high: 8.64 * S + 999 } },
      { unit: 'tokens', limit: 10_000, remaining: 9481, resetUs: { low: 63.114 * S, high: 63.114 * S + 999 } },
    ]);
  });

  it('Azure: whole seconds, rounded up; skips a limit of -1', () => {
    const headers = {
      'x-ratelimit-limit-requests': '-1',
      'x-ratelimit-remaining-requests': '-1',
      'x-ratelimit-reset-requests': '0',
      'x-ratelimit-limit-tokens': '1000',
      'x-ratelimit-remaining-tokens': '400',
      'x-ratelimit-reset-tokens': '37',
    };
    expect(read(headers)).toMatchObject([{ unit: 'tokens', limit: 1000, resetUs: { low: 36 * S + 1, high: 37 * S } }]);
  });

  it('Anthropic: times, thousands of tokens, and a sum that is not a limit', () => {
    const triple = (unit: string, limit: number) => ({
      [`anthropic-ratelimit-${unit}-limit`]: String(limit),
      [`anthropic-ratelimit-${unit}-remaining`]: String(limit),
      [`anthropic-ratelimit-${unit}-reset`]: '2026-01-01T00:00:10Z',
    });
    const readings = read({
      ...triple('tokens', 96_000),
      ...triple('input-tokens', 80_000),
      ...triple('output-tokens', 16_000),
    });
    expect(readings.map(({ unit, rounding, resetUs }) => [unit, rounding, resetUs?.high])).toEqual([
      ['input-tokens', 500, 10 * S],
      ['output-tokens', 500, 10 * S],
    ]);
  });

  it('IETF: structured fields with the window', () => {
    const headers = {
      'ratelimit-policy': '"burst";q=100;w=60,"daily";q=1000;w=86400',
      ratelimit: '"burst";r=50;t=30, "daily";r=999;t=1200',
    };
    expect(read(headers)).toMatchObject([
      { label: 'burst', limit: 100, remaining: 50, statedWindowUs: 60 * S, resetUs: { high: 30 * S } },
      { label: 'daily', limit: 1000, remaining: 999, statedWindowUs: 86_400 * S },
    ]);
  });

  it('older IETF draft: three headers', () => {
    const headers = { 'ratelimit-limit': '10', 'ratelimit-remaining': '3', 'ratelimit-reset': '7' };
    expect(read(headers)).toMatchObject([{ unit: 'requests', limit: 10, remaining: 3, resetUs: { high: 7 * S } }]);
  });

  it.each(['soon', '', '-1'])('returns undefined for a wait of "%s"', (text) => {
    expect(parseWait(text)).toBeUndefined();
  });

  it('Retry-After: seconds, a date, milliseconds first', () => {
    expect(parseRetryAfter({ 'retry-after': '20' }, START_US)).toEqual({ low: 19 * S + 1, high: 20 * S });
    expect(parseRetryAfter({ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, START_US)?.high).toBe(30 * S);
    expect(parseRetryAfter({ 'retry-after': '1', 'retry-after-ms': '300' }, START_US)?.high).toBe(300_000);
    expect(parseRetryAfter({ 'retry-after': 'soon' }, START_US)).toBeUndefined();
  });
});

describe('refusals', () => {
  it('OpenAI: limit, used, requested, period, pool, owner, wait', () => {
    const text =
      'Rate limit reached for gpt-4.1-2025-04-14 (for limit gpt-4.1) in organization org-X on tokens per min (TPM): ' +
      'Limit 30000, Used 14567, Requested 24754. Please try again in 18.642s. Visit https://…';
    expect(refused(text)).toMatchObject({
      unit: 'tokens',
      limit: 30_000,
      used: 14_567,
      requested: 24_754,
      periodUs: 60 * S,
      pool: 'gpt-4.1',
      owner: 'organization',
      waitUs: { low: 18.642 * S },
    });
  });

  it('OpenAI: no wait for a request that is too large', () => {
    const text =
      'Request too large for gpt-4o in organization org-X on tokens per min (TPM): Limit 30000, Requested 61337. The input';
    expect(refused(text)).toMatchObject({ limit: 30_000, requested: 61_337, permanent: 'too-large' });
    expect(refused(text)).not.toHaveProperty('waitUs');
  });

  it('Anthropic: the amount from the message', () => {
    const text =
      'This request would exceed the rate limit for your organization (8a3e) of 20,000 input tokens per minute. For details';
    expect(refused(text)).toMatchObject({
      unit: 'input-tokens',
      limit: 20_000,
      periodUs: 60 * S,
      owner: 'organization',
    });
  });

  it.each([
    'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-02-15-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 33 seconds.',
    'Your requests to gpt-4.1-nano for gpt-4.1-nano in Sweden Central have exceeded the token rate limit for your current AIServices S0 pricing tier. Please retry after 33 seconds.',
  ])('Azure: the unit, but not the size: %s', (text) => {
    expect(refused(text)).toMatchObject({ unit: 'tokens', waitUs: { high: 33 * S } });
  });

  it('Gemini: the quota by its id', () => {
    const text =
      'Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 5, model: m ' +
      'GenerateRequestsPerMinutePerProjectPerModel-FreeTier Please retry in 11.665902715s.';
    expect(refused(text)).toMatchObject({
      unit: 'requests',
      limit: 5,
      periodUs: 60 * S,
      owner: 'project',
      perModel: true,
    });
  });

  it('a spent budget is not a rate', () => {
    expect(refused('You exceeded your current quota', { errorCode: 'insufficient_quota' })).toMatchObject({
      permanent: 'billing',
    });
  });

  it('returns undefined for a reply other than 429', () => {
    expect(readRefusal(reply({}), 0)).toBeUndefined();
  });
});
