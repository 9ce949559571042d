import type { Cost, Subject } from '../../admission/limit.ts';
import { drawUs } from '../../completion/latency.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { ProviderRequest } from '../../reply.ts';
import { type Body, parseBody } from '../body.ts';
import type { Dialect, InvalidRequest, ParsedRequest, RequestContext, ResponseDraft } from '../dialect.ts';
import { countPromptTokens, inputText, jsonAt, promptText } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { bearerToken, createSubject, pathOf, unmeteredRequest } from '../request-head.ts';
import { retryAfterHeaders } from '../retry-after-header.ts';
import { answerMessage } from './answer.ts';
import { errorResponse } from './errors.ts';
import { LIMIT_HEADER_NAMES, rateLimitHeaders } from './limit-headers.ts';
import { modelExists, modelResponse, modelsResponse } from './models.ts';
import { anthropicReader } from './reader.ts';
import { classifyRefusal, failureResponse, refusalResponse } from './refusal.ts';
import { messagesProblem, readMessages } from './request.ts';

const ORGANIZATION_ID = '8a3e2f60-5d0c-4b7a-9c1e-6f4b2d8e7a10';

/** One path of the API. Routes with `unmetered` need no body and no limit check. */
interface AnthropicRoute {
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  readonly unmetered?: (path: string, context: RequestContext) => ResponseDraft;
}

const ROUTES: Readonly<Record<string, AnthropicRoute>> = {
  '/v1/messages': { endpoint: 'messages', method: 'POST' },
  '/v1/messages/count_tokens': { endpoint: 'messages.count_tokens', method: 'POST' },
  '/v1/models': { endpoint: 'models', method: 'GET', unmetered: () => modelsResponse() },
};

const MODEL_ROUTE: AnthropicRoute = {
  endpoint: 'models',
  method: 'GET',
  unmetered: (path, context) => modelResponse(path.slice('/v1/models/'.length), context),
};

function routeOf(path: string): AnthropicRoute | undefined {
  if (Object.hasOwn(ROUTES, path)) return ROUTES[path];
  return path.startsWith('/v1/models/') ? MODEL_ROUTE : undefined;
}

function parseRequest(request: ProviderRequest, context: RequestContext): ParsedRequest | InvalidRequest {
  const path = pathOf(request);
  const route = routeOf(path);
  const fail = (status: number, message: string): ResponseDraft => errorResponse(status, message, context.requestId);
  if (!route) return { endpoint: 'unknown', response: fail(404, 'Not Found') };
  const { endpoint, unmetered } = route;
  if (request.method !== route.method) return { endpoint, response: fail(405, 'Method Not Allowed') };
  const key = request.headers['x-api-key']?.trim() || bearerToken(request.headers.authorization);
  if (key === '') return { endpoint, response: fail(401, 'x-api-key header is required') };
  const { keys } = context.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, response: fail(401, 'invalid x-api-key') };
  if (!request.headers['anthropic-version'])
    return { endpoint, response: fail(400, 'anthropic-version: header is required') };
  const { organization } = context.settings;
  const subject = createSubject(request, key, { organization, project: 'default' });
  if (unmetered) return unmeteredRequest(endpoint, subject, (answerContext) => unmetered(path, answerContext));
  const body = parseBody(request.body);
  if (!body)
    return { endpoint, subject, response: fail(400, 'The request body is not valid JSON: expected an object') };
  return readBody(body, endpoint, subject, context, fail);
}

function readBody(
  body: Body,
  endpoint: string,
  subject: Subject,
  context: RequestContext,
  fail: (status: number, message: string) => ResponseDraft,
): ParsedRequest | InvalidRequest {
  const counting = endpoint === 'messages.count_tokens';
  const problem = messagesProblem(body, !counting);
  if (problem !== undefined) return { endpoint, subject, response: fail(400, problem) };
  const model = body.model as string;
  if (!modelExists(model, context.settings.models))
    return { endpoint, subject, response: fail(404, `model: ${model}`) };
  const request = readMessages(body);
  const input = inputText(request.completion);
  const common = {
    endpoint,
    subject: { ...subject, model },
    stream: request.stream,
    text: promptText(request.completion),
  };
  // Token counting is free and is not subject to the message limits.
  if (counting)
    return {
      ...common,
      stream: false,
      cost: null,
      answer: (answerContext) => countTokensResponse(request.completion, input, answerContext),
    };
  return {
    ...common,
    cost: estimateCost(input.length, request.completion.maxTokens!),
    answer: (answerContext) => answerMessage(request, answerContext),
  };
}

function countTokensResponse(
  completion: Parameters<typeof countPromptTokens>[0],
  input: string,
  context: RequestContext,
): ResponseDraft {
  const afterUs = Math.min(drawUs(context.settings.latency.firstToken, context.random.latency), 100_000);
  return { status: 200, ...jsonAt(afterUs, { input_tokens: countPromptTokens(completion, input, context) }) };
}

/** Estimates input from its size and output from `max_tokens`; settlement corrects both when the message ends. */
function estimateCost(characters: number, maxTokens: number): Cost {
  const input = estimateTokens(characters);
  return {
    requests: 1,
    tokens: input + maxTokens,
    'input-tokens': input,
    'output-tokens': maxTokens,
    images: 0,
    concurrent: 1,
  };
}

/** Anthropic's Messages API. */
export const anthropic: Dialect = {
  reader: anthropicReader,
  title: 'Anthropic',
  otelName: 'anthropic',
  origin: 'https://api.anthropic.com',
  environment: (url, key) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key }),
  conflictingVariables: [],
  mainEndpoint: 'messages',
  settle: 'full',
  estimator: 'max',
  meteredTokens: (prompt, completion) => prompt + completion,
  requestId: (random) => alphanumericId('req_01', 22, random),
  parseRequest,
  classifyRefusal,
  refuse: (refused, { requestId }) => refusalResponse(refused, requestId),
  fail: failureResponse,
  malformedRequest: (status, message, requestId) => errorResponse(status, message, requestId),
  estimateCost: (characters, maxTokens = 1024) => estimateCost(characters, maxTokens),
  limitHeaderNames: LIMIT_HEADER_NAMES,
  limitHeaders: (admission, { nowUs }) => rateLimitHeaders(admission, nowUs),
  retryAfterHeaders,
  commonHeaders: ({ requestId }, subject) => ({
    'request-id': requestId,
    ...(subject && { 'anthropic-organization-id': ORGANIZATION_ID }),
    'x-content-type-options': 'nosniff',
  }),
};
