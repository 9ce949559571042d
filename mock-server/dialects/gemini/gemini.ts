import type { Cost, Subject } from '../../admission/limit.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { ProviderRequest } from '../../reply.ts';
import { type Body, parseBody } from '../body.ts';
import type { Dialect, InvalidRequest, ParsedRequest, RequestContext, ResponseDraft } from '../dialect.ts';
import { countPromptTokens, inputText, jsonAt, promptText } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { bearerToken, createSubject, pathOf } from '../request-head.ts';
import { answerContent, type Delivery } from './answer.ts';
import { answerEmbed, embedRequests, embedTexts } from './embed.ts';
import { errorResponse, invalidKey, missingKey, statusError, unknownModel } from './errors.ts';
import { modelExists, modelResponse, modelsResponse } from './models.ts';
import { geminiReader } from './reader.ts';
import { classifyRefusal, refusalResponse, retryDelay, retryInfo } from './refusal.ts';
import { contentProblem, readContent } from './request.ts';

/** A parsed path: `/v1beta/models/{model}:{method}`, `/v1beta/models/{model}` or `/v1beta/models`. */
interface GeminiTarget {
  readonly version: string;
  readonly model?: string;
  readonly method?: string;
}

const METHODS: Readonly<Record<string, string>> = {
  generateContent: 'generateContent',
  streamGenerateContent: 'streamGenerateContent',
  countTokens: 'countTokens',
  embedContent: 'embedContent',
  batchEmbedContents: 'embedContent',
};

function targetOf(path: string): GeminiTarget | undefined {
  const [, version, name, method] = /^\/(v1|v1beta|v1alpha)\/models(?:\/([^/:]+)(?::(\w+))?)?$/.exec(path) ?? [];
  if (version === undefined) return undefined;
  if (name === undefined) return { version };
  return method === undefined ? { version, model: name } : { version, model: name, method };
}

/** Reads the API key from a header or the `key` query parameter. */
function keyOf({ headers, target }: ProviderRequest): string {
  const inQuery = /[?&]key=([^&]*)/.exec(target)?.[1];
  return headers['x-goog-api-key']?.trim() || bearerToken(headers.authorization) || inQuery || '';
}

function parseRequest(request: ProviderRequest, context: RequestContext): ParsedRequest | InvalidRequest {
  const target = targetOf(pathOf(request));
  const known = target && (target.method === undefined || Object.hasOwn(METHODS, target.method));
  if (!target || !known || request.method !== (target.method === undefined ? 'GET' : 'POST')) {
    return { endpoint: 'unknown', response: errorResponse(404, 'Requested entity was not found.') };
  }
  const endpoint = target.method === undefined ? 'models' : METHODS[target.method]!;
  const key = keyOf(request);
  if (key === '') return { endpoint, response: missingKey() };
  const { keys, models } = context.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, response: invalidKey() };
  const { organization } = context.settings;
  const subject = { ...createSubject(request, key, { organization, project: 'default' }), model: target.model ?? '' };
  const { model, method, version } = target;
  if (model === undefined) return unmetered(endpoint, subject, () => modelsResponse());
  if (!modelExists(model, models)) {
    return { endpoint, subject, response: unknownModel(model, version, method ?? 'generateContent') };
  }
  if (method === undefined) return unmetered(endpoint, subject, () => modelResponse(model));
  const body = parseBody(request.body);
  if (!body)
    return { endpoint, subject, response: errorResponse(400, 'Invalid JSON payload received. Expected an object.') };
  const parsed = method.includes('mbed') ? readEmbed(body, method) : readGenerate(body, model, method, request);
  return 'status' in parsed ? { endpoint, subject, response: parsed } : { endpoint, subject, ...parsed };
}

type ParsedBody = Pick<ParsedRequest, 'cost' | 'stream' | 'text' | 'answer'>;

function unmetered(endpoint: string, subject: Subject, answer: () => ResponseDraft): ParsedRequest {
  return { endpoint, subject, cost: null, stream: false, text: '', answer };
}

function readGenerate(
  body: Body,
  model: string,
  method: string,
  { target }: ProviderRequest,
): ParsedBody | ResponseDraft {
  const given = method === 'countTokens' && body.generateContentRequest ? (body.generateContentRequest as Body) : body;
  const problem = contentProblem(given);
  if (problem !== undefined) return errorResponse(400, problem);
  const request = readContent(model, given);
  const input = inputText(request.completion);
  const text = promptText(request.completion);
  if (method === 'countTokens') {
    const count = (context: RequestContext): ResponseDraft => {
      const totalTokens = countPromptTokens(request.completion, input, context);
      return { status: 200, ...jsonAt(0, { totalTokens }) };
    };
    return { cost: null, stream: false, text, answer: count };
  }
  const stream = method === 'streamGenerateContent';
  const delivery: Delivery = !stream ? 'whole' : /[?&]alt=sse\b/.test(target) ? 'events' : 'array';
  return {
    cost: estimateCost(input.length, request.completion.maxTokens),
    stream,
    text,
    answer: (context) => answerContent(request, delivery, context),
  };
}

function readEmbed(body: Body, method: string): ParsedBody | ResponseDraft {
  const batch = method === 'batchEmbedContents';
  const requests = embedRequests(body, batch);
  if (!requests) return errorResponse(400, '* EmbedContentRequest.content: content is not specified\n');
  const text = embedTexts(requests).join(' ');
  return {
    cost: estimateCost(text.length, 0),
    stream: false,
    text,
    answer: (context) => answerEmbed(requests, batch, context),
  };
}

/** Gemini limits meter input tokens only. */
function estimateCost(characters: number, maxTokens = 0): Cost {
  const input = estimateTokens(characters);
  return {
    requests: 1,
    tokens: input,
    'input-tokens': input,
    'output-tokens': maxTokens,
    images: 0,
    concurrent: 1,
  };
}

/** The Gemini API: content generation, token counting, embeddings and models. */
export const gemini: Dialect = {
  reader: geminiReader,
  title: 'Gemini',
  otelName: 'gcp.gemini',
  origin: 'https://generativelanguage.googleapis.com',
  environment: (url, key) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key }),
  conflictingVariables: [],
  mainEndpoint: 'generateContent',
  settle: 'none',
  estimator: 'max',
  meteredTokens: (prompt) => prompt,
  requestId: (random) => alphanumericId('', 22, random),
  parseRequest,
  classifyRefusal,
  refuse: (refused, { settings }) => refusalResponse(refused, settings),
  fail: (failure, { subject: { model } }) =>
    'status' in failure ? statusError(failure.status, model) : statusError(429, model, retryInfo(failure.wait)),
  malformedRequest: (status, message) => errorResponse(status, message),
  estimateCost: (characters, maxTokens) => estimateCost(characters, maxTokens),
  limitHeaderNames: [],
  limitHeaders: () => ({}),
  retryAfterHeaders: retryDelay,
  commonHeaders: (_context, _subject, processingUs) => ({
    vary: 'Origin, X-Origin, Referer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'server-timing': `gfet4t7; dur=${Math.ceil(processingUs / 1000)}`,
  }),
};
