import type { Cost, Subject } from '../../admission/limit.ts';
import { estimateTokens } from '../../completion/tokens.ts';
import type { ProviderRequest } from '../../reply.ts';
import { type Body, parseBody } from '../body.ts';
import type { Asked, Content, Dialect, Moment, Wrong } from '../dialect.ts';
import { inputText, jsonAt, promptText, promptTokensOf } from '../generation.ts';
import { alphanumericId } from '../ids.ts';
import { bearerOf, callerOf, pathOf } from '../request-head.ts';
import { answerContent, type Sending } from './answer.ts';
import { answerEmbed, embedRequests, embedTexts } from './embed.ts';
import { errorContent, noKey, noModel, serverFault, wrongKey } from './errors.ts';
import { listModels, modelExists, oneModel } from './models.ts';
import { delayOf, kindOf, refusal } from './refusal.ts';
import { contentProblem, readContent } from './request.ts';

/** `/v1beta/models/{model}:{method}`, or a look at the models themselves. */
interface Target {
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

function targetOf(path: string): Target | undefined {
  const [, version, name, method] = /^\/(v1|v1beta|v1alpha)\/models(?:\/([^/:]+)(?::(\w+))?)?$/.exec(path) ?? [];
  if (version === undefined) return undefined;
  if (name === undefined) return { version };
  return method === undefined ? { version, model: name } : { version, model: name, method };
}

/** In a header, or in the address. */
function keyOf({ headers, target }: ProviderRequest): string {
  const inAddress = /[?&]key=([^&]*)/.exec(target)?.[1];
  return headers['x-goog-api-key']?.trim() || bearerOf(headers.authorization) || inAddress || '';
}

function read(request: ProviderRequest, moment: Moment): Asked | Wrong {
  const target = targetOf(pathOf(request));
  const known = target && (target.method === undefined || Object.hasOwn(METHODS, target.method));
  if (!target || !known || request.method !== (target.method === undefined ? 'GET' : 'POST')) {
    return { endpoint: 'unknown', wrong: errorContent(404, 'Requested entity was not found.') };
  }
  const endpoint = target.method === undefined ? 'models' : METHODS[target.method]!;
  const key = keyOf(request);
  if (key === '') return { endpoint, wrong: noKey() };
  const { keys, models } = moment.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, wrong: wrongKey() };
  const { organization } = moment.settings;
  const subject = { ...callerOf(request, key, { organization, project: 'default' }), model: target.model ?? '' };
  const { model, method, version } = target;
  if (model === undefined) return plain(endpoint, subject, () => listModels());
  if (!modelExists(model, models)) {
    return { endpoint, subject, wrong: noModel(model, version, method ?? 'generateContent') };
  }
  if (method === undefined) return plain(endpoint, subject, () => oneModel(model));
  const body = parseBody(request.body);
  if (!body)
    return { endpoint, subject, wrong: errorContent(400, 'Invalid JSON payload received. Expected an object.') };
  const asked = method.includes('mbed') ? readEmbed(body, method) : readGenerate(body, model, method, request);
  return 'status' in asked ? { endpoint, subject, wrong: asked } : { endpoint, subject, ...asked };
}

type Read = Pick<Asked, 'cost' | 'stream' | 'text' | 'answer'>;

function plain(endpoint: string, subject: Subject, answer: () => Content): Asked {
  return { endpoint, subject, cost: null, stream: false, text: '', answer };
}

function readGenerate(body: Body, model: string, method: string, { target }: ProviderRequest): Read | Content {
  const given = method === 'countTokens' && body.generateContentRequest ? (body.generateContentRequest as Body) : body;
  const problem = contentProblem(given);
  if (problem !== undefined) return errorContent(400, problem);
  const request = readContent(model, given);
  const input = inputText(request.ask);
  const text = promptText(request.ask);
  if (method === 'countTokens') {
    const count = (moment: Moment): Content => {
      const totalTokens = promptTokensOf(request.ask, input, moment);
      return { status: 200, ...jsonAt(0, { totalTokens }) };
    };
    return { cost: null, stream: false, text, answer: count };
  }
  const stream = method === 'streamGenerateContent';
  const sending: Sending = !stream ? 'whole' : /[?&]alt=sse\b/.test(target) ? 'events' : 'array';
  return {
    cost: costOf(input.length, request.ask.maxTokens),
    stream,
    text,
    answer: (moment) => answerContent(request, sending, moment),
  };
}

function readEmbed(body: Body, method: string): Read | Content {
  const batch = method === 'batchEmbedContents';
  const requests = embedRequests(body, batch);
  if (!requests) return errorContent(400, '* EmbedContentRequest.content: content is not specified\n');
  const text = embedTexts(requests).join(' ');
  return {
    cost: costOf(text.length, 0),
    stream: false,
    text,
    answer: (moment) => answerEmbed(requests, batch, moment),
  };
}

/** Limits here count what is sent, not what comes back. */
function costOf(characters: number, maxTokens = 0): Cost {
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

/** The Gemini API: generateContent and its kin. */
export const gemini: Dialect = {
  name: 'gemini',
  title: 'Gemini',
  origin: 'https://generativelanguage.googleapis.com',
  environment: (url, key) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: key }),
  mainEndpoint: 'generateContent',
  settle: 'none',
  meteredTokens: (prompt) => prompt,
  requestId: (random) => alphanumericId('', 22, random),
  read,
  kindOf,
  refuse: (refused, { settings }) => refusal(refused, settings),
  trouble: (what) =>
    'status' in what ? serverFault(what.status) : errorContent(429, 'Resource has been exhausted (e.g. check quota).'),
  notARequest: (status, message) => errorContent(status, message),
  costOf: (characters, maxTokens) => costOf(characters, maxTokens),
  limitHeaders: () => ({}),
  retryAfterHeaders: (wait) => delayOf(wait),
  commonHeaders: (_moment, _subject, processingUs) => ({
    vary: 'Origin, X-Origin, Referer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'SAMEORIGIN',
    'server-timing': `gfet4t7; dur=${Math.ceil(processingUs / 1000)}`,
  }),
};
