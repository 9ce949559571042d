import type { Dialect, Trouble } from '../dialect.ts';
import { hex32 } from '../ids.ts';
import { retryAfterHeaders } from '../retry-after-header.ts';
import { admissionCost } from './cost.ts';
import { errorContent, invalidRequest, serverFault } from './errors.ts';
import { rateLimitHeaders } from './limit-headers.ts';
import { read } from './read.ts';
import { kindOf, refusal } from './refusal.ts';
import { spentContent } from './spent.ts';

function trouble(what: Trouble) {
  if ('status' in what) return serverFault(what.status);
  if (what.says !== 'rate-limit') return spentContent(what.says);
  const message = 'Rate limit reached. Please try again later.';
  return errorContent(429, { message, type: 'requests', param: null, code: 'rate_limit_exceeded' });
}

/** The OpenAI API, version 1. */
export const openai: Dialect = {
  name: 'openai',
  title: 'OpenAI',
  origin: 'https://api.openai.com',
  environment: (url, key) => ({
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    OPENAI_API_KEY: key,
  }),
  mainEndpoint: 'chat.completions',
  settle: 'none',
  meteredTokens: (prompt, completion) => prompt + completion,
  requestId: (random) => `req_${hex32(random)}`,
  read,
  kindOf,
  refuse: (refused, { settings }) => refusal(refused, settings),
  trouble,
  notARequest: (status, message) => invalidRequest(status, message, null, null),
  costOf: (characters, maxTokens, { estimator }) => admissionCost(characters, 1, maxTokens, estimator),
  limitHeaders: (admission, { nowUs, settings }) => rateLimitHeaders(admission, nowUs, settings.headersShow),
  retryAfterHeaders,
  commonHeaders: ({ requestId }, subject, processingUs) => ({
    'x-request-id': requestId,
    ...(subject && {
      'openai-organization': subject.organization,
      'openai-processing-ms': String(Math.ceil(processingUs / 1000)),
      'openai-version': '2020-10-01',
    }),
    'access-control-expose-headers': 'X-Request-ID',
    'x-content-type-options': 'nosniff',
  }),
};
