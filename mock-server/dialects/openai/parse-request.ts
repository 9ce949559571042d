import type { Subject } from '../../admission/limit.ts';
import type { ProviderRequest } from '../../reply.ts';
import { type Body, parseBody } from '../body.ts';
import type { InvalidRequest, ParsedRequest, RequestContext } from '../dialect.ts';
import { bearerToken, createSubject, pathOf, unmeteredRequest } from '../request-head.ts';
import { invalidJson, invalidKey, methodNotAllowed, missingKey, unknownUrl } from './errors.ts';
import { type Route, routeOf } from './routes.ts';
import { checkModel } from './validation.ts';

/** Parses a request. Checks run in the provider's order: route, key, JSON, model, fields (`wire.md` 1.2). */
export function parseRequest(request: ProviderRequest, context: RequestContext): ParsedRequest | InvalidRequest {
  const path = pathOf(request);
  const route = routeOf(path);
  if (!route) return { endpoint: 'unknown', response: unknownUrl(request.method, path) };
  const { endpoint } = route;
  if (request.method !== route.method) return { endpoint, response: methodNotAllowed(route.method) };
  const key = bearerToken(request.headers.authorization);
  if (key === '') return { endpoint, response: missingKey() };
  const { keys } = context.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, response: invalidKey(key) };
  return parseRouteRequest(route, path, request, subjectOf(request, key, context), context);
}

/** Parses a request to a known route by a known caller. `model` overrides the model in the body (Azure deployments). */
export function parseRouteRequest(
  route: Route,
  path: string,
  request: ProviderRequest,
  subject: Subject,
  context: RequestContext,
  model?: string,
): ParsedRequest | InvalidRequest {
  const { endpoint, unmetered } = route;
  if (unmetered) return unmeteredRequest(endpoint, subject, (answerContext) => unmetered(path, answerContext));
  const given = parseBody(request.body);
  if (!given) return { endpoint, subject, response: invalidJson() };
  const body = withModel(given, model, route);
  // A model named by the path has already been checked.
  const error = model === undefined ? checkModel(body, context.settings.models) : undefined;
  if (error) return { endpoint, subject, response: error };
  const modelSubject = { ...subject, model: body.model as string };
  const parsed = route.metered!(body, context);
  return 'status' in parsed
    ? { endpoint, subject: modelSubject, response: parsed }
    : { endpoint, subject: modelSubject, ...parsed };
}

function withModel(body: Body, model: string | undefined, { defaultModel }: Route): Body {
  if (model !== undefined) return { ...body, model };
  return body.model === undefined && defaultModel !== undefined ? { ...body, model: defaultModel } : body;
}

/** Returns the subject of a request; headers select the organization and project that the limits apply to. */
export function subjectOf(request: ProviderRequest, key: string, { settings }: RequestContext): Subject {
  const { headers } = request;
  return createSubject(request, key, {
    organization: headers['openai-organization'] ?? settings.organization,
    project: headers['openai-project'] ?? 'proj_default',
  });
}
