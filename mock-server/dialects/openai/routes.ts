import type { Cost } from '../../admission/limit.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { Body } from '../body.ts';
import type { Asked, Content, Moment } from '../dialect.ts';
import { inputText, promptText } from '../generation.ts';
import { answerChat } from './chat-answer.ts';
import { checkChat, readChat } from './chat-request.ts';
import { answerCompletion, checkCompletion, readCompletion } from './completions.ts';
import { admissionCost } from './cost.ts';
import { answerEmbeddings, checkEmbeddings, inputCharacters, readEmbeddings } from './embeddings.ts';
import { notAChatModel, tooLong } from './errors.ts';
import { answerImages, checkImages, countImages } from './images.ts';
import { contextOf, listModels, makesEmbeddings, oneModel } from './models.ts';
import { answerModeration, checkModeration, moderatedTexts, moderationTokens } from './moderations.ts';
import { answerResponses } from './responses-answer.ts';
import { checkResponses, readResponses } from './responses-request.ts';

/** What one metered endpoint makes of a body whose model exists. */
type Metered = (body: Body, moment: Moment) => Pick<Asked, 'cost' | 'stream' | 'text' | 'answer'> | Content;

/** One path of the API: POST routes read a body and are metered; GET routes are answered as they are. */
export interface Route {
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  readonly metered?: Metered;
  readonly plain?: (path: string, moment: Moment) => Content;
  /** The model that a body which names none means. */
  readonly defaultModel?: string;
}

const chat: Metered = (body, { settings }) => {
  const model = body.model as string;
  const wrong = makesEmbeddings(model) ? notAChatModel('v1/chat/completions') : checkChat(body);
  if (wrong) return wrong;
  const request = readChat(body);
  const input = inputText(request.ask);
  const long = overflow(model, input.length, 'messages');
  if (long) return long;
  return {
    cost: admissionCost(input.length, request.n, request.ask.maxTokens, settings.estimator),
    stream: request.stream,
    text: promptText(request.ask),
    answer: (moment) => answerChat(request, moment),
  };
};

const responses: Metered = (body, moment) => {
  const wrong = checkResponses(body, moment);
  if (wrong) return wrong;
  const request = readResponses(body, moment);
  const input = inputText(request.ask);
  const long = overflow(body.model as string, input.length, 'input');
  if (long) return long;
  return {
    cost: admissionCost(input.length, 1, request.ask.maxTokens, moment.settings.estimator),
    stream: request.stream,
    text: promptText(request.ask),
    answer: (then) => answerResponses(request, then),
  };
};

const completions: Metered = (body, { settings }) => {
  const wrong = checkCompletion(body);
  if (wrong) return wrong;
  const request = readCompletion(body);
  const text = request.prompts.join('');
  const long = overflow(request.model, text.length, 'prompt');
  if (long) return long;
  return {
    cost: admissionCost(text.length, request.bestOf * request.prompts.length, request.maxTokens, settings.estimator),
    stream: request.stream,
    text,
    answer: (moment) => answerCompletion(request, moment),
  };
};

const embeddings: Metered = (body, { settings }) => {
  const wrong = checkEmbeddings(body);
  if (wrong) return wrong;
  const request = readEmbeddings(body);
  return {
    cost: admissionCost(inputCharacters(request), 0, undefined, settings.estimator),
    stream: false,
    text: request.inputs.join(' '),
    answer: (moment) => answerEmbeddings(request, moment),
  };
};

const moderations: Metered = (body) => {
  const wrong = checkModeration(body);
  if (wrong) return wrong;
  const texts = moderatedTexts(body);
  return {
    cost: inputCost(moderationTokens(texts)),
    stream: false,
    text: texts.join(' '),
    answer: (moment) => answerModeration(body.model as string, texts, moment),
  };
};

const images: Metered = (body) => {
  const wrong = checkImages(body);
  if (wrong) return wrong;
  return {
    cost: { ...inputCost(0), images: countImages(body) },
    stream: false,
    text: body.prompt as string,
    answer: (moment) => answerImages(body, moment),
  };
};

function inputCost(tokens: number): Cost {
  return { requests: 1, tokens, 'input-tokens': tokens, 'output-tokens': 0, images: 0, concurrent: 1 };
}

function overflow(model: string, characters: number, param: string): Content | undefined {
  const context = contextOf(model);
  const tokens = estimateTokens(characters);
  return tokens > context ? tooLong(context, tokens, param) : undefined;
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
  '/v1/models': { endpoint: 'models', method: 'GET', plain: (_path, moment) => listModels(moment) },
};

const ONE_MODEL: Route = {
  endpoint: 'models',
  method: 'GET',
  plain: (path, moment) => oneModel(decoded(path.slice('/v1/models/'.length)), moment),
};

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The route of a path below the API's root. */
export function routeOf(path: string): Route | undefined {
  if (Object.hasOwn(ROUTES, path)) return ROUTES[path];
  return path.startsWith('/v1/models/') ? ONE_MODEL : undefined;
}
