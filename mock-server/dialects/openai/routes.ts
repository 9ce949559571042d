import type { Cost } from '../../admission/limit.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { Body } from '../body.ts';
import type { ParsedRequest, RequestContext, ResponseDraft } from '../dialect.ts';
import { inputText, promptText } from '../generation.ts';
import { answerChat } from './chat-answer.ts';
import { checkChat, readChat } from './chat-request.ts';
import { answerCompletion, checkCompletion, readCompletion } from './completions.ts';
import { admissionCost } from './cost.ts';
import { answerEmbeddings, checkEmbeddings, inputCharacters, readEmbeddings } from './embeddings.ts';
import { contextExceeded, notAChatModel } from './errors.ts';
import { answerImages, checkImages, countImages } from './images.ts';
import { isEmbeddingModel, maxContextTokens, modelResponse, modelsResponse } from './models.ts';
import { answerModeration, checkModeration, moderatedTexts, moderationTokens } from './moderations.ts';
import { answerResponses } from './responses-answer.ts';
import { checkResponses, readResponses } from './responses-request.ts';

/** Parses the body of a metered endpoint, after its model was checked. */
type ParseMetered = (
  body: Body,
  context: RequestContext,
) => Pick<ParsedRequest, 'cost' | 'stream' | 'text' | 'answer'> | ResponseDraft;

/** One path of the API: POST routes have `metered`, GET routes have `unmetered`. */
export interface Route {
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  readonly metered?: ParseMetered;
  readonly unmetered?: (path: string, context: RequestContext) => ResponseDraft;
  /** The model if the body does not name one. */
  readonly defaultModel?: string;
}

const chat: ParseMetered = (body, { settings }) => {
  const model = body.model as string;
  const error = isEmbeddingModel(model) ? notAChatModel('v1/chat/completions') : checkChat(body);
  if (error) return error;
  const request = readChat(body);
  const input = inputText(request.completion);
  const tooLong = overflow(model, input.length, 'messages');
  if (tooLong) return tooLong;
  return {
    cost: admissionCost(input.length, request.n, request.completion.maxTokens, settings.estimator),
    stream: request.stream,
    text: promptText(request.completion),
    answer: (context) => answerChat(request, context),
  };
};

const responses: ParseMetered = (body, context) => {
  const error = checkResponses(body, context);
  if (error) return error;
  const request = readResponses(body, context);
  const input = inputText(request.completion);
  const tooLong = overflow(body.model as string, input.length, 'input');
  if (tooLong) return tooLong;
  return {
    cost: admissionCost(input.length, 1, request.completion.maxTokens, context.settings.estimator),
    stream: request.stream,
    text: promptText(request.completion),
    answer: (answerContext) => answerResponses(request, answerContext),
  };
};

const completions: ParseMetered = (body, { settings }) => {
  const error = checkCompletion(body);
  if (error) return error;
  const request = readCompletion(body);
  const text = request.prompts.join('');
  const tooLong = overflow(request.model, text.length, 'prompt');
  if (tooLong) return tooLong;
  return {
    cost: admissionCost(text.length, request.bestOf * request.prompts.length, request.maxTokens, settings.estimator),
    stream: request.stream,
    text,
    answer: (context) => answerCompletion(request, context),
  };
};

const embeddings: ParseMetered = (body, { settings }) => {
  const error = checkEmbeddings(body);
  if (error) return error;
  const request = readEmbeddings(body);
  return {
    cost: admissionCost(inputCharacters(request), 0, undefined, settings.estimator),
    stream: false,
    text: request.inputs.join(' '),
    answer: (context) => answerEmbeddings(request, context),
  };
};

const moderations: ParseMetered = (body) => {
  const error = checkModeration(body);
  if (error) return error;
  const texts = moderatedTexts(body);
  return {
    cost: inputCost(moderationTokens(texts)),
    stream: false,
    text: texts.join(' '),
    answer: (context) => answerModeration(body.model as string, texts, context),
  };
};

const images: ParseMetered = (body) => {
  const error = checkImages(body);
  if (error) return error;
  return {
    cost: { ...inputCost(0), images: countImages(body) },
    stream: false,
    text: body.prompt as string,
    answer: (context) => answerImages(body, context),
  };
};

function inputCost(tokens: number): Cost {
  return { requests: 1, tokens, 'input-tokens': tokens, 'output-tokens': 0, images: 0, concurrent: 1 };
}

function overflow(model: string, characters: number, param: string): ResponseDraft | undefined {
  const context = maxContextTokens(model);
  const tokens = estimateTokens(characters);
  return tokens > context ? contextExceeded(context, tokens, param) : undefined;
}

const ROUTES: Readonly<Record<string, Route>> = {
  '/v1/chat/completions': { endpoint: 'chat.completions', method: 'POST', metered: chat },
  '/v1/responses': { endpoint: 'responses', method: 'POST', metered: responses },
  '/v1/completions': { endpoint: 'completions', method: 'POST', metered: completions },
  '/v1/embeddings': { endpoint: 'embeddings', method: 'POST', metered: embeddings },
  '/v1/moderations': {
    endpoint: 'moderations',
    method: 'POST',
    metered: moderations,
    defaultModel: 'omni-moderation-latest',
  },
  '/v1/images/generations': {
    endpoint: 'images.generations',
    method: 'POST',
    metered: images,
    defaultModel: 'gpt-image-1',
  },
  '/v1/models': { endpoint: 'models', method: 'GET', unmetered: (_path, context) => modelsResponse(context) },
};

const MODEL_ROUTE: Route = {
  endpoint: 'models',
  method: 'GET',
  unmetered: (path, context) => modelResponse(decoded(path.slice('/v1/models/'.length)), context),
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the route of a path, or undefined. */
export function routeOf(path: string): Route | undefined {
  if (Object.hasOwn(ROUTES, path)) return ROUTES[path];
  return path.startsWith('/v1/models/') ? MODEL_ROUTE : undefined;
}
