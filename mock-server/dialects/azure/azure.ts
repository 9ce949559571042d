import type { ProviderRequest } from '../../reply.ts';
import type { Dialect, InvalidRequest, ParsedRequest, RequestContext } from '../dialect.ts';
import { hex32 } from '../ids.ts';
import { admissionCost } from '../openai/cost.ts';
import { invalidRequest } from '../openai/errors.ts';
import { parseRouteRequest, subjectOf } from '../openai/parse-request.ts';
import { routeOf } from '../openai/routes.ts';
import { bearerToken, pathOf } from '../request-head.ts';
import { retryAfterHeaders } from '../retry-after-header.ts';
import { accessDenied, notFound, statusError, unknownDeployment } from './errors.ts';
import { LIMIT_HEADER_NAMES, limitHeaders } from './limit-headers.ts';
import { API_VERSION, azureReader } from './reader.ts';
import { classifyRefusal, refusalResponse } from './refusal.ts';

const REGION = 'Sweden Central';

/** A parsed path: the equivalent OpenAI path, and the deployment if the path names one. */
interface AzureTarget {
  readonly path: string;
  readonly deployment?: string;
  readonly apiVersion?: string;
}

/** Parses `/openai/deployments/{name}/{operation}?api-version=…` or `/openai/v1/{operation}` (`wire.md` 2.1). */
function targetOf(request: ProviderRequest): AzureTarget | undefined {
  const path = pathOf(request);
  const apiVersion = /[?&]api-version=([^&]+)/.exec(request.target)?.[1];
  const version = apiVersion === undefined ? {} : { apiVersion };
  if (path.startsWith('/openai/v1/')) return { path: path.slice('/openai'.length), ...version };
  const [, deployment, operation] = /^\/openai\/deployments\/([^/]+)\/(.+)$/.exec(path) ?? [];
  // Deployment paths require `api-version`.
  if (deployment === undefined || apiVersion === undefined) return undefined;
  return { path: `/v1/${operation}`, deployment: decodeURIComponent(deployment), ...version };
}

/** Reads the key from `api-key`, or an Entra bearer token. */
function keyOf({ headers }: ProviderRequest): string {
  return headers['api-key']?.trim() || bearerToken(headers.authorization);
}

function parseRequest(request: ProviderRequest, context: RequestContext): ParsedRequest | InvalidRequest {
  const target = undefinedOnError(() => targetOf(request));
  const route = target && routeOf(target.path);
  if (!target || !route || request.method !== route.method)
    return { endpoint: route?.endpoint ?? 'unknown', response: notFound() };
  const { endpoint } = route;
  const key = keyOf(request);
  const { keys, models } = context.settings;
  if (key === '' || (keys !== 'any' && !keys.includes(key))) return { endpoint, response: accessDenied() };
  const subject = subjectOf(request, key, context);
  const { deployment, apiVersion } = target;
  if (deployment !== undefined && models !== 'any' && models.length > 0 && !models.includes(deployment)) {
    return { endpoint, subject, response: unknownDeployment() };
  }
  const parsed = parseRouteRequest(route, target.path, request, subject, anyDeployment(context), deployment);
  return 'response' in parsed || apiVersion === undefined ? parsed : { ...parsed, apiVersion };
}

/** Accepts any deployment name unless the scenario lists the deployments. */
function anyDeployment(context: RequestContext): RequestContext {
  const { settings } = context;
  const open = settings.models !== 'any' && settings.models.length === 0;
  return open ? { ...context, settings: { ...settings, models: 'any' } } : context;
}

/** Returns undefined if `find` throws, as `decodeURIComponent` does for an invalid path. */
function undefinedOnError<Value>(find: () => Value): Value | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Azure OpenAI: the OpenAI API behind a gateway with separate keys, deployments and limits. */
export const azure: Dialect = {
  reader: azureReader,
  title: 'Azure OpenAI',
  otelName: 'azure.ai.openai',
  origin: 'https://*.openai.azure.com',
  environment: (url, key) => ({
    AZURE_OPENAI_ENDPOINT: url,
    AZURE_OPENAI_API_KEY: key,
    OPENAI_API_VERSION: API_VERSION,
  }),
  conflictingVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE', 'OPENAI_API_KEY'],
  mainEndpoint: 'chat.completions',
  settle: 'refund',
  estimator: 'sum',
  meteredTokens: (prompt, completion) => prompt + completion,
  requestId: (random) => uuid(hex32(random)),
  parseRequest,
  classifyRefusal,
  refuse: (refused) => refusalResponse(refused, REGION),
  fail: (failure, { subject }) => statusError('status' in failure ? failure.status : 429, subject),
  malformedRequest: (status, message) => invalidRequest(status, message, null, null),
  estimateCost: (characters, maxTokens, { estimator }) => admissionCost(characters, 1, maxTokens, estimator),
  limitHeaderNames: LIMIT_HEADER_NAMES,
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
