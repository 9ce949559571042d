import { createModel, createPreset, type Preset } from './preset.ts';

const S = 1_000_000;
const MS = 1000;

/** HTTP clients with retries and retry libraries; retries of POST are enabled where they are off by default. */
export const HTTP_PRESETS: readonly Preset[] = [
  createPreset(
    {
      about: 'p-retry around fetch: 10 retries after 1, 2, 4 … s, whatever the failure; Retry-After is not read',
      source: 'sindresorhus/p-retry index.js; measured',
      version: '9.0.0',
    },
    createModel('p-retry', { max: 10, statuses: ['4xx', '5xx'], baseUs: S }),
  ),
  createPreset(
    {
      about: 'async-retry: as p-retry, each wait multiplied by U(1, 2)',
      source: 'vercel/async-retry lib/index.js; measured',
      version: '1.3.3',
    },
    createModel('async-retry', {
      max: 10,
      statuses: ['4xx', '5xx'],
      baseUs: S,
      jitter: { kind: 'times', low: 1, high: 2 },
    }),
  ),
  createPreset(
    {
      about: 'axios with axios-retry, 429 allowed and exponentialDelay: 3 retries from 0.2 s, Retry-After a floor',
      source: 'softonic/axios-retry src/index.ts; measured',
      version: '4.5.0',
    },
    createModel('axios-retry', {
      max: 3,
      statuses: [429, '5xx'],
      baseUs: 200 * MS,
      jitter: { kind: 'times', low: 1, high: 1.2 },
      retryAfter: { reads: 'seconds', as: 'floor', jittered: true },
    }),
  ),
  createPreset(
    {
      about: 'got with POST allowed: 2 retries after 1 and 2 s, plus up to 100 ms; Retry-After obeyed',
      source: 'sindresorhus/got source/core/calculate-retry-delay.ts; measured',
      version: '16.1.0',
    },
    createModel('got', {
      max: 2,
      statuses: [408, 413, 429, 500, 502, 503, 504, 521, 522, 524],
      baseUs: S,
      jitter: { kind: 'plus', mostUs: 100 * MS },
      retryAfter: { reads: 'seconds' },
    }),
  ),
  createPreset(
    {
      about: 'ky with POST allowed: 2 retries after 0.3 and 0.6 s, Retry-After obeyed, 10 s timeout for the whole call',
      source: 'sindresorhus/ky source/core/Ky.ts; measured',
      version: '2.1.0',
    },
    createModel(
      'ky',
      {
        max: 2,
        statuses: [408, 413, 429, 500, 502, 503, 504],
        baseUs: 300 * MS,
        retryAfter: { reads: 'seconds' },
      },
      { deadlineUs: 10 * S },
    ),
  ),
  createPreset(
    {
      about: 'undici request with RetryAgent, POST allowed: 5 retries from 0.5 s, Retry-After cut to 30 s',
      source: 'nodejs/undici lib/handler/retry-handler.js; measured',
      version: '8.13.1',
    },
    createModel('undici-retry-agent', {
      max: 5,
      statuses: [429, 500, 502, 503, 504],
      baseUs: 500 * MS,
      capUs: 30 * S,
      retryAfter: { reads: 'seconds', longestUs: 30 * S, beyond: 'clip' },
    }),
  ),
  createPreset(
    {
      about: "Polly's default for .NET: 3 retries, 2 s apart, no jitter, no Retry-After",
      source: 'App-vNext/Polly src/Polly.Core/Retry/RetryConstants.cs',
      version: '8',
    },
    createModel('polly-default', { max: 3, statuses: ['4xx', '5xx'], baseUs: 2 * S, factor: 1 }),
  ),
  createPreset(
    {
      about: "the article's aiohttp client: 3 tries, 2**attempt s after a 429, nothing else is retried",
      source: 'the article; rebuilt and measured',
      version: '1',
      differs: 'It also sleeps 4 s after its last failure, which delays the caller without another request.',
    },
    createModel('article', { max: 2, statuses: [429], connection: false, baseUs: S }, { timeoutUs: 300 * S }),
  ),
];
