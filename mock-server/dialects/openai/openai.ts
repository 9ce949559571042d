import type { Dialect, FailureContext, ProviderFailure, ResponseDraft } from '../dialect.ts';
import { hex32 } from '../ids.ts';
import { retryAfterHeaders } from '../retry-after-header.ts';
import { admissionCost } from './cost.ts';
import { invalidRequest, rateLimitReached } from './errors.ts';
import { LIMIT_HEADER_NAMES, rateLimitHeaders } from './limit-headers.ts';
import { parseRequest } from './parse-request.ts';
import { quotaErrorResponse } from './quota-errors.ts';
import { openaiReader } from './reader.ts';
import { classifyRefusal, refusalResponse } from './refusal.ts';
import { statusError } from './status-errors.ts';

function failureResponse(failure: ProviderFailure, { subject }: FailureContext): ResponseDraft {
  if ('status' in failure) return statusError(failure.status, subject);
  return failure.says === 'rate-limit' ? rateLimitReached() : quotaErrorResponse(failure.says);
}

/** The OpenAI API, version 1. */
export const openai: Dialect = {
  reader: openaiReader,
  title: 'OpenAI',
  otelName: 'openai',
  origin: 'https://api.openai.com',
  environment: (url, key) => ({
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_BASE: `${url}/v1`,
    OPENAI_API_KEY: key,
  }),
  conflictingVariables: [],
  mainEndpoint: 'chat.completions',
  settle: 'none',
  estimator: 'max',
  meteredTokens: (prompt, completion) => prompt + completion,
  requestId: (random) => `req_${hex32(random)}`,
  parseRequest,
  classifyRefusal,
  refuse: (refused, { settings }) => refusalResponse(refused, settings),
  fail: failureResponse,
  malformedRequest: (status, message) => invalidRequest(status, message, null, null),
  estimateCost: (characters, maxTokens, { estimator }) => admissionCost(characters, 1, maxTokens, estimator),
  limitHeaderNames: LIMIT_HEADER_NAMES,
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
