import type { Subject } from '../../admission/limit.ts';
import type { ProviderRequest } from '../../reply.ts';
import type { ProviderSettings } from '../../settings.ts';
import type { Asked, Content, Dialect, Moment, Wrong } from '../dialect.ts';
import { answerChat } from './chat-answer.ts';
import { checkChat, readChat } from './chat-request.ts';
import { admissionCost } from './cost.ts';
import { answerEmbeddings, checkEmbeddings, inputCharacters, readEmbeddings } from './embeddings.ts';
import { noKey, notJson, serverFault, unknownUrl, wrongKey, wrongMethod } from './errors.ts';
import { requestId } from './ids.ts';
import { rateLimitHeaders } from './limit-headers.ts';
import { listModels, oneModel } from './models.ts';
import { kindOf, refusal } from './refusal.ts';
import { retryAfterHeaders } from './retry-after-header.ts';
import { type Body, checkModel, isObject } from './validation.ts';

/** Reads a body whose model exists; everything about one metered endpoint. */
type Metered = (body: Body, settings: ProviderSettings) => Pick<Asked, 'cost' | 'stream' | 'answer'> | Content;

interface Route {
  readonly endpoint: string;
  readonly method: 'GET' | 'POST';
  /** POST routes read a body and are metered; GET routes are answered as they are. */
  readonly metered?: Metered;
  readonly plain?: (path: string, moment: Moment) => Content;
}

const chat: Metered = (body, settings) => {
  const wrong = checkChat(body);
  if (wrong) return wrong;
  const request = readChat(body);
  return {
    cost: admissionCost(request.inputText.length, request.n, request.maxTokens, settings.estimator),
    stream: request.stream,
    answer: (moment) => answerChat(request, moment),
  };
};

const embeddings: Metered = (body, settings) => {
  const wrong = checkEmbeddings(body);
  if (wrong) return wrong;
  const request = readEmbeddings(body);
  return {
    cost: admissionCost(inputCharacters(request), 0, undefined, settings.estimator),
    stream: false,
    answer: (moment) => answerEmbeddings(request, moment),
  };
};

const ROUTES: Readonly<Record<string, Route>> = {
  '/v1/chat/completions': { endpoint: 'chat.completions', method: 'POST', metered: chat },
  '/v1/embeddings': { endpoint: 'embeddings', method: 'POST', metered: embeddings },
  '/v1/models': { endpoint: 'models', method: 'GET', plain: (_path, moment) => listModels(moment) },
};

const ONE_MODEL: Route = {
  endpoint: 'models',
  method: 'GET',
  plain: (path, moment) => oneModel(decodeURIComponent(path.slice('/v1/models/'.length)), moment),
};

function routeOf(path: string): Route | undefined {
  return ROUTES[path] ?? (path.startsWith('/v1/models/') ? ONE_MODEL : undefined);
}

/** Faults are answered in the provider's order: route, key, JSON, model, fields (`wire.md` 1.2); limits come last. */
function read(request: ProviderRequest, moment: Moment): Asked | Wrong {
  const path = request.target.split('?', 1)[0]!;
  const route = routeOf(path);
  if (!route) return { endpoint: 'unknown', wrong: unknownUrl(request.method, path) };
  const { endpoint } = route;
  if (request.method !== route.method) return { endpoint, wrong: wrongMethod(route.method) };
  const key = bearerOf(request.headers.authorization);
  if (key === '') return { endpoint, wrong: noKey() };
  const { keys } = moment.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, wrong: wrongKey(key) };
  const subject = subjectOf(request, key, moment);
  if (route.plain) {
    const { plain } = route;
    return { endpoint, subject, cost: null, stream: false, answer: (then) => plain(path, then) };
  }
  return readMetered(route, request, subject, moment);
}

function readMetered(route: Route, request: ProviderRequest, subject: Subject, moment: Moment): Asked | Wrong {
  const { endpoint } = route;
  const body = parse(request.body);
  if (!body) return { endpoint, subject, wrong: notJson() };
  const wrong = checkModel(body, moment.settings.models);
  if (wrong) return { endpoint, subject, wrong };
  const whose = { ...subject, model: body.model as string };
  const asked = route.metered!(body, moment.settings);
  return 'status' in asked ? { endpoint, subject: whose, wrong: asked } : { endpoint, subject: whose, ...asked };
}

function bearerOf(authorization: string | undefined): string {
  return /^bearer\s+(.*)$/i.exec(authorization ?? '')?.[1]?.trim() ?? '';
}

/** Limits belong to the organization and the project, which a caller with access to several names in headers. */
function subjectOf({ headers, ip }: ProviderRequest, key: string, { settings }: Moment): Subject {
  return {
    key,
    organization: headers['openai-organization'] ?? settings.organization,
    project: headers['openai-project'] ?? 'proj_default',
    model: '',
    ip,
  };
}

function parse(text: string): Body | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** The OpenAI API, version 1. */
export const openai: Dialect = {
  name: 'openai',
  read,
  kindOf,
  refuse: ({ subject }, { reported }, kind) => refusal(subject.model, subject.organization, reported!, kind),
  fault: serverFault,
  costOf: (characters, maxTokens, { estimator }) => admissionCost(characters, 1, maxTokens, estimator),
  limitHeaders: (admission, { nowUs }) => rateLimitHeaders(admission, nowUs),
  retryAfterHeaders,
  commonHeaders: ({ chances }, subject, processingUs) => ({
    'x-request-id': requestId(chances.ids),
    ...(subject && {
      'openai-organization': subject.organization,
      'openai-processing-ms': String(Math.ceil(processingUs / 1000)),
      'openai-version': '2020-10-01',
    }),
    'access-control-expose-headers': 'X-Request-ID',
    'x-content-type-options': 'nosniff',
  }),
};
