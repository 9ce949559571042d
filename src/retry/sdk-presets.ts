import { modelOf, type Preset, preset } from './preset.ts';

const S = 1_000_000;

/** What the SDKs made by Stainless have in common. */
const STAINLESS = {
  max: 2,
  statuses: [408, 409, 429, '5xx'],
  baseUs: 0.5 * S,
  capUs: 8 * S,
  jitter: { kind: 'times', low: 0.75, high: 1 },
} as const;

const AWS_RETRIES = {
  max: 2,
  statuses: [429, 500, 502, 503, 504],
  baseUs: S,
  capUs: 20 * S,
  jitter: { kind: 'full' },
} as const;

const AWS_BUDGET = { kind: 'tokens', capacity: 500, cost: 5, earns: 1, refunds: true, least: 0 } as const;

/** SDKs of providers, and frameworks on top of them. */
export const SDK_PRESETS: readonly Preset[] = [
  preset(
    {
      about: 'the openai SDK for JavaScript: 2 retries, 0.5 s doubling to 8 s, Retry-After obeyed up to 60 s',
      source: 'openai/openai-node src/client.ts; measured, wire.md 3.1',
      version: '7.57.0',
    },
    modelOf(
      'openai-node',
      { ...STAINLESS, retryAfter: { reads: 'milliseconds', longestUs: 60 * S, beyond: 'own' } },
      { timeoutUs: 600 * S },
    ),
  ),
  preset(
    {
      about: 'the openai SDK for Python: as the other, but a Retry-After above 120 s is not retried',
      source: 'openai/openai-python src/openai/_base_client.py, _constants.py (commit e43b422)',
      version: '3.3.1',
    },
    modelOf(
      'openai-python',
      { ...STAINLESS, retryAfter: { reads: 'milliseconds', longestUs: 120 * S, beyond: 'stop' } },
      { timeoutUs: 600 * S },
    ),
  ),
  preset(
    {
      about: 'the Anthropic SDK for JavaScript: any Retry-After is obeyed',
      source: 'anthropics/anthropic-sdk-typescript src/client.ts; measured, wire.md 3.1',
      version: '1.14.0',
    },
    modelOf(
      'anthropic',
      { ...STAINLESS, retryAfter: { reads: 'milliseconds', longestUs: (2 ** 31 - 1) * 1000, beyond: 'own' } },
      { timeoutUs: 600 * S },
    ),
  ),
  preset(
    {
      about: 'the Groq SDK for JavaScript: any Retry-After is obeyed, a minute per attempt',
      source: 'groq/groq-typescript src/client.ts; measured, wire.md 3.1',
      version: '1.6.0',
    },
    modelOf('groq', { ...STAINLESS, retryAfter: { reads: 'milliseconds' } }, { timeoutUs: 60 * S }),
  ),
  preset(
    {
      about: "Vercel's AI SDK: 2 retries after 2 and 4 s, no jitter, Retry-After obeyed below 60 s",
      source: 'vercel/ai packages/ai/src/util/retry-with-exponential-backoff.ts; measured, wire.md 3.1',
      version: '7.0.173',
    },
    modelOf('ai-sdk', {
      max: 2,
      statuses: [408, 409, 429, '5xx'],
      baseUs: 2 * S,
      retryAfter: { reads: 'milliseconds', longestUs: 60 * S - 1, beyond: 'own' },
    }),
  ),
  preset(
    {
      about: 'LangChain ChatOpenAI: 6 retries, 1 s doubling, each times U(1, 2); Retry-After is a floor up to 60 s',
      source: 'langchain-ai/langchainjs langchain-core/src/utils/async_caller.ts; measured, wire.md 3.1 and 3.3',
      version: '@langchain/core 1.4.0',
      differs: 'A 429 without Retry-After is retried here; LangChain looks for "try again in" in the message.',
    },
    modelOf(
      'langchain',
      {
        max: 6,
        statuses: [408, 410, 411, 412, 429, '5xx'],
        baseUs: S,
        jitter: { kind: 'times', low: 1, high: 2 },
        retryAfter: { reads: 'seconds', as: 'floor', longestUs: 60 * S, beyond: 'stop' },
      },
      { timeoutUs: 600 * S },
    ),
  ),
  preset(
    {
      about: "the OpenAI cookbook's tenacity decorator: 6 attempts, waits from 1 s to min(2^n, 60) s at random",
      source: 'jd/tenacity tenacity/wait.py (c650fb4), openai-cookbook How_to_handle_rate_limits',
      version: 'c650fb4',
      differs:
        "The SDK's own two retries inside, which make 18 requests of the 6, are left out. Everybody's first wait is 1 s.",
    },
    modelOf('tenacity-random-exponential', {
      max: 5,
      baseUs: S,
      capUs: 60 * S,
      jitter: { kind: 'from', leastUs: S },
    }),
  ),
  preset(
    {
      about: "the AWS SDKs' standard mode: 3 attempts, full jitter up to 20 s, a budget of 500",
      source: 'boto/botocore botocore/retries/standard.py, quota.py',
      version: '1.40',
    },
    modelOf('aws-standard', AWS_RETRIES, { budget: AWS_BUDGET }),
  ),
  preset(
    {
      about: "the AWS SDKs' adaptive mode: standard, and a rate of its own that it finds by CUBIC",
      source: 'boto/botocore botocore/retries/adaptive.py, bucket.py, throttling.py',
      version: '1.40',
    },
    modelOf('aws-adaptive', AWS_RETRIES, { budget: AWS_BUDGET, pace: 'cubic' }),
  ),
];
