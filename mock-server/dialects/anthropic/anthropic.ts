import type { Cost, Subject } from '../../admission/limit.ts';
import { drawUs } from '../../completion/latency.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { ProviderRequest } from '../../reply.ts';
import { type Body, parseBody } from '../body.ts';
import type { Asked, Content, Dialect, Moment, Wrong } from '../dialect.ts';
import { inputText, jsonAt, promptText, promptTokensOf } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { bearerOf, callerOf, pathOf } from '../request-head.ts';
import { retryAfterHeaders } from '../retry-after-header.ts';
import { answerMessage } from './answer.ts';
import { errorContent } from './errors.ts';
import { rateLimitHeaders } from './limit-headers.ts';
import { listModels, modelExists, oneModel } from './models.ts';
import { kindOf, refusal, trouble } from './refusal.ts';
import { messagesProblem, readMessages } from './request.ts';

const ORGANIZATION_ID = '8a3e2f60-5d0c-4b7a-9c1e-6f4b2d8e7a10';

/** What a request is, by its path; `plain` ones are answered as they are. */
interface Route {
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  readonly plain?: (path: string, moment: Moment) => Content;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/v1/messages': { endpoint: 'messages', method: 'POST' },
  '/v1/messages/count_tokens': { endpoint: 'messages.count_tokens', method: 'POST' },
  '/v1/models': { endpoint: 'models', method: 'GET', plain: () => listModels() },
};

const ONE_MODEL: Route = {
  endpoint: 'models',
  method: 'GET',
  plain: (path, moment) => oneModel(path.slice('/v1/models/'.length), moment),
};

function routeOf(path: string): Route | undefined {
  if (Object.hasOwn(ROUTES, path)) return ROUTES[path];
  return path.startsWith('/v1/models/') ? ONE_MODEL : undefined;
}

function read(request: ProviderRequest, moment: Moment): Asked | Wrong {
  const path = pathOf(request);
  const route = routeOf(path);
  const fail = (status: number, message: string): Content => errorContent(status, message, moment.requestId);
  if (!route) return { endpoint: 'unknown', wrong: fail(404, 'Not Found') };
  const { endpoint, plain } = route;
  if (request.method !== route.method) return { endpoint, wrong: fail(405, 'Method Not Allowed') };
  const key = request.headers['x-api-key']?.trim() || bearerOf(request.headers.authorization);
  if (key === '') return { endpoint, wrong: fail(401, 'x-api-key header is required') };
  const { keys } = moment.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, wrong: fail(401, 'invalid x-api-key') };
  if (!request.headers['anthropic-version'])
    return { endpoint, wrong: fail(400, 'anthropic-version: header is required') };
  const { organization } = moment.settings;
  const subject = callerOf(request, key, { organization, project: 'default' });
  if (plain) {
    return { endpoint, subject, cost: null, stream: false, text: '', answer: (then) => plain(path, then) };
  }
  const body = parseBody(request.body);
  if (!body) return { endpoint, subject, wrong: fail(400, 'The request body is not valid JSON: expected an object') };
  return readBody(body, endpoint, subject, moment, fail);
}

function readBody(
  body: Body,
  endpoint: string,
  subject: Subject,
  moment: Moment,
  fail: (status: number, message: string) => Content,
): Asked | Wrong {
  const counting = endpoint === 'messages.count_tokens';
  const problem = messagesProblem(body, !counting);
  if (problem !== undefined) return { endpoint, subject, wrong: fail(400, problem) };
  const model = body.model as string;
  if (!modelExists(model, moment.settings.models)) return { endpoint, subject, wrong: fail(404, `model: ${model}`) };
  const request = readMessages(body);
  const input = inputText(request.ask);
  const whose = { endpoint, subject: { ...subject, model }, stream: request.stream, text: promptText(request.ask) };
  // Counting is free of charge, and of every limit of messages.
  if (counting) return { ...whose, stream: false, cost: null, answer: (then) => counted(request.ask, input, then) };
  return {
    ...whose,
    cost: costOf(input.length, request.ask.maxTokens!),
    answer: (then) => answerMessage(request, then),
  };
}

function counted(ask: Parameters<typeof promptTokensOf>[0], input: string, moment: Moment): Content {
  const afterUs = Math.min(drawUs(moment.settings.latency.firstToken, moment.chances.latency), 100_000);
  return { status: 200, ...jsonAt(afterUs, { input_tokens: promptTokensOf(ask, input, moment) }) };
}

/** Input by its size, output by `max_tokens`; both are corrected when the message has ended. */
function costOf(characters: number, maxTokens: number): Cost {
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

/** The Messages API of Anthropic. */
export const anthropic: Dialect = {
  name: 'anthropic',
  title: 'Anthropic',
  origin: 'https://api.anthropic.com',
  environment: (url, key) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: key }),
  mainEndpoint: 'messages',
  settle: 'full',
  meteredTokens: (prompt, completion) => prompt + completion,
  requestId: (random) => alphanumericId('req_01', 22, random),
  read,
  kindOf,
  refuse: (refused, { requestId }) => refusal(refused, requestId),
  trouble: (what, { requestId }) => trouble(what, requestId),
  notARequest: (status, message, requestId) => errorContent(status, message, requestId),
  costOf: (characters, maxTokens = 1024) => costOf(characters, maxTokens),
  limitHeaders: (admission, { nowUs }) => rateLimitHeaders(admission, nowUs),
  retryAfterHeaders,
  commonHeaders: ({ requestId }, subject) => ({
    'request-id': requestId,
    ...(subject && { 'anthropic-organization-id': ORGANIZATION_ID }),
    'x-content-type-options': 'nosniff',
  }),
};
