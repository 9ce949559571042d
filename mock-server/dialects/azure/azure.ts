import type { ProviderRequest } from '../../reply.ts';
import type { Asked, Dialect, Moment, Wrong } from '../dialect.ts';
import { hex32 } from '../ids.ts';
import { admissionCost } from '../openai/cost.ts';
import { invalidRequest } from '../openai/errors.ts';
import { readRoute, subjectOf } from '../openai/read.ts';
import { routeOf } from '../openai/routes.ts';
import { AZURE_API_VERSION } from '../question.ts';
import { bearerOf, pathOf } from '../request-head.ts';
import { retryAfterHeaders } from '../retry-after-header.ts';
import { accessDenied, azureError, noDeployment, notFound, serverFault } from './errors.ts';
import { limitHeaders } from './limit-headers.ts';
import { kindOf, refusal } from './refusal.ts';

const REGION = 'Sweden Central';

/** What a path asks for: an operation, and the deployment if the path names it. */
interface Target {
  readonly path: string;
  readonly deployment?: string;
  readonly apiVersion?: string;
}

/** `/openai/deployments/{name}/{operation}?api-version=…`, or `/openai/v1/{operation}` (`wire.md` 2.1). */
function targetOf(request: ProviderRequest): Target | undefined {
  const path = pathOf(request);
  const apiVersion = /[?&]api-version=([^&]+)/.exec(request.target)?.[1];
  const version = apiVersion === undefined ? {} : { apiVersion };
  if (path.startsWith('/openai/v1/')) return { path: path.slice('/openai'.length), ...version };
  const [, deployment, operation] = /^\/openai\/deployments\/([^/]+)\/(.+)$/.exec(path) ?? [];
  // The older paths are of no use without a version.
  if (deployment === undefined || apiVersion === undefined) return undefined;
  return { path: `/v1/${operation}`, deployment: decodeURIComponent(deployment), ...version };
}

/** A key in `api-key`, or a bearer token of Entra. */
function keyOf({ headers }: ProviderRequest): string {
  return headers['api-key']?.trim() || bearerOf(headers.authorization);
}

function read(request: ProviderRequest, moment: Moment): Asked | Wrong {
  const target = safely(() => targetOf(request));
  const route = target && routeOf(target.path);
  if (!target || !route || request.method !== route.method)
    return { endpoint: route?.endpoint ?? 'unknown', wrong: notFound() };
  const { endpoint } = route;
  const key = keyOf(request);
  const { keys, models } = moment.settings;
  if (key === '' || (keys !== 'any' && !keys.includes(key))) return { endpoint, wrong: accessDenied() };
  const subject = subjectOf(request, key, moment);
  const { deployment, apiVersion } = target;
  if (deployment !== undefined && models !== 'any' && models.length > 0 && !models.includes(deployment)) {
    return { endpoint, subject, wrong: noDeployment() };
  }
  const asked = readRoute(route, target.path, request, subject, anyDeployment(moment), deployment);
  return 'wrong' in asked || apiVersion === undefined ? asked : { ...asked, apiVersion };
}

/** Deployments are called as their owner likes; only where the scenario lists them is another one unknown. */
function anyDeployment(moment: Moment): Moment {
  const { settings } = moment;
  const open = settings.models !== 'any' && settings.models.length === 0;
  return open ? { ...moment, settings: { ...settings, models: 'any' } } : moment;
}

/** A path that is no valid URI asks for nothing. */
function safely<Value>(find: () => Value): Value | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Azure OpenAI: OpenAI's API behind a gateway with keys, deployments and limits of its own. */
export const azure: Dialect = {
  name: 'azure',
  title: 'Azure OpenAI',
  origin: 'https://*.openai.azure.com',
  environment: (url, key) => ({
    AZURE_OPENAI_ENDPOINT: url,
    AZURE_OPENAI_API_KEY: key,
    OPENAI_API_VERSION: AZURE_API_VERSION,
  }),
  mainEndpoint: 'chat.completions',
  settle: 'refund',
  meteredTokens: (prompt, completion) => prompt + completion,
  requestId: (random) => uuid(hex32(random)),
  read,
  kindOf,
  refuse: (refused) => refusal(refused, REGION),
  trouble: (what) =>
    'status' in what
      ? serverFault(what.status)
      : azureError(429, '429', 'Rate limit is exceeded. Try again in 60 seconds.'),
  notARequest: (status, message) => invalidRequest(status, message, null, null),
  costOf: (characters, maxTokens, { estimator }) => admissionCost(characters, 1, maxTokens, estimator),
  limitHeaders: (admission, { nowUs, settings }) => limitHeaders(admission, nowUs, settings),
  retryAfterHeaders,
  commonHeaders: ({ requestId }) => ({
    'apim-request-id': requestId,
    'x-request-id': requestId,
    'x-ms-region': REGION,
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000; includeSubDomains; preload',
  }),
};

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
