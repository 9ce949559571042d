import type { Subject } from '../../admission/limit.ts';
import type { ProviderRequest } from '../../reply.ts';
import { type Body, parseBody } from '../body.ts';
import type { Asked, Moment, Wrong } from '../dialect.ts';
import { bearerOf, callerOf, pathOf } from '../request-head.ts';
import { noKey, notJson, unknownUrl, wrongKey, wrongMethod } from './errors.ts';
import { type Route, routeOf } from './routes.ts';
import { checkModel } from './validation.ts';

/** Faults are answered in the provider's order: route, key, JSON, model, fields (`wire.md` 1.2); limits come last. */
export function read(request: ProviderRequest, moment: Moment): Asked | Wrong {
  const path = pathOf(request);
  const route = routeOf(path);
  if (!route) return { endpoint: 'unknown', wrong: unknownUrl(request.method, path) };
  const { endpoint } = route;
  if (request.method !== route.method) return { endpoint, wrong: wrongMethod(route.method) };
  const key = bearerOf(request.headers.authorization);
  if (key === '') return { endpoint, wrong: noKey() };
  const { keys } = moment.settings;
  if (keys !== 'any' && !keys.includes(key)) return { endpoint, wrong: wrongKey(key) };
  return readRoute(route, path, request, subjectOf(request, key, moment), moment);
}

/** What a request to a known route by a known caller is. */
export function readRoute(
  route: Route,
  path: string,
  request: ProviderRequest,
  subject: Subject,
  moment: Moment,
  model?: string,
): Asked | Wrong {
  const { endpoint, plain } = route;
  if (plain) {
    return { endpoint, subject, cost: null, stream: false, text: '', answer: (then) => plain(path, then) };
  }
  const given = parseBody(request.body);
  if (!given) return { endpoint, subject, wrong: notJson() };
  const body = withModel(given, model, route);
  // A model that the path names has been checked, whatever it is called.
  const wrong = model === undefined ? checkModel(body, moment.settings.models) : undefined;
  if (wrong) return { endpoint, subject, wrong };
  const whose = { ...subject, model: body.model as string };
  const asked = route.metered!(body, moment);
  return 'status' in asked ? { endpoint, subject: whose, wrong: asked } : { endpoint, subject: whose, ...asked };
}

function withModel(body: Body, model: string | undefined, { defaultModel }: Route): Body {
  if (model !== undefined) return { ...body, model };
  return body.model === undefined && defaultModel !== undefined ? { ...body, model: defaultModel } : body;
}

/** Limits belong to the organization and the project, which a caller with access to several names in headers. */
export function subjectOf(request: ProviderRequest, key: string, { settings }: Moment): Subject {
  const { headers } = request;
  return callerOf(request, key, {
    organization: headers['openai-organization'] ?? settings.organization,
    project: headers['openai-project'] ?? 'proj_default',
  });
}
