import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limit } from './admission/limit.ts';
import { type Problem, QuotaLabError } from './error.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './faults/fault.ts';
import { CLOSED_TO_PAGES, equalsInConstantTime, findForeignPage, isLoopbackHost } from './guard.ts';
import { createJournalRing, type JournalPage, type JournalQuery, type JournalRing } from './journal-ring.ts';
import { createMetrics } from './metrics.ts';
import type { Provider } from './provider.ts';
import { readBody } from './read-body.ts';
import { createRedactor } from './redaction/redactor.ts';
import { computeSignals } from './similarity/signals.ts';

export interface AdminOptions {
  readonly nowUs: () => number;
  /** Required as a bearer token or in `x-quotalab-token`; without it, only requests from this machine are allowed. */
  readonly token?: string;
  /** Parse limits and faults in scenario syntax; both throw a `QuotaLabError` that lists every problem. */
  readonly parseLimits: (raw: unknown) => readonly Limit[];
  readonly parseFaults: (raw: unknown) => readonly Fault[];
  /** Number of exchanges to keep; default 10,000. */
  readonly journalSize?: number;
}

/** The admin routes of a provider: `/__quotalab/…` and `/metrics`. */
export interface Admin {
  owns(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  add(exchange: Exchange): void;
}

const MAX_BODY_BYTES = 1024 * 1024;
const PREFIX = '/__quotalab/';
const formatJson = (value: unknown): string => `${JSON.stringify(createRedactor().value(value), null, 2)}\n`;
type RouteHandler = (query: URLSearchParams, body: unknown) => unknown;

/**
 * Creates the admin routes of a provider: bucket state, journal, signals, reset, limits, faults and metrics. With a token,
 * they require it; without one, they accept only a loopback Host and no request of another origin's page, so that a web page
 * cannot reach them through a user's browser.
 */
export function createAdmin(provider: Provider, options: AdminOptions): Admin {
  const { nowUs, journalSize = 10_000 } = options;
  const journal = createJournalRing(journalSize);
  const metrics = createMetrics(provider, nowUs);
  const routes = createRoutes(provider, options, journal, metrics.reset);
  return {
    owns: (target) => target.startsWith(PREFIX) || target === '/metrics',
    handle(request, response) {
      void handleRequest(request, response, options, async (method, path, query, body) => {
        if (path === '/metrics') return { type: metrics.contentType, text: await metrics.text() };
        const act = routes[`${method} ${path}`];
        if (act) return { type: 'application/json', text: formatJson(act(query, body)) };
        throw routeError(routes, method, path);
      });
    },
    add(exchange) {
      journal.add(exchange);
      metrics.add(exchange);
    },
  };
}

function createRoutes(
  provider: Provider,
  { nowUs, parseLimits, parseFaults }: AdminOptions,
  journal: JournalRing,
  resetMetrics: () => void,
): Readonly<Record<string, RouteHandler>> {
  const state = (): unknown => {
    const { dialect, limits, faults } = provider.settings;
    return { dialect, nowUs: nowUs(), limits, faults, buckets: provider.buckets(nowUs()) };
  };
  return {
    [`GET ${PREFIX}state`]: state,
    [`GET ${PREFIX}journal`]: (query) => toJson(journal.page(parseJournalQuery(query))),
    [`GET ${PREFIX}signals`]: () => ({ keys: computeSignals(journal.latest().map(toObservedRequest)) }),
    [`POST ${PREFIX}reset`]: () => {
      provider.reset(nowUs());
      journal.clear();
      resetMetrics();
      return state();
    },
    [`PUT ${PREFIX}limits`]: (_query, body) => {
      provider.change({ limits: parseLimits(body) }, nowUs());
      return state();
    },
    [`PUT ${PREFIX}faults`]: (_query, body) => {
      provider.change({ faults: parseFaults(body) }, nowUs());
      return state();
    },
  };
}

function toObservedRequest({ view, startUs }: Exchange) {
  const { key = '', ip = '127.0.0.1', userAgent = '', textHash } = view;
  return { key, ip, userAgent, textHash, atUs: startUs };
}

function parseJournalQuery(query: URLSearchParams): JournalQuery {
  const problems: Problem[] = [];
  const number = (name: string, min: number): number | undefined => {
    const text = query.get(name);
    if (text === null) return undefined;
    if (/^\d{1,15}$/.test(text) && Number(text) >= min) return Number(text);
    problems.push({ path: name, message: `must be a whole number of at least ${min}, not "${text}"` });
    return undefined;
  };
  const parsed = {
    status: number('status', 0),
    after: number('after', 0),
    limit: Math.min(number('limit', 1) ?? 100, 1000),
    endpoint: query.get('endpoint') ?? undefined,
    model: query.get('model') ?? undefined,
    key: query.get('key') ?? undefined,
    deniedBy: query.get('deniedBy') ?? undefined,
  };
  if (problems.length > 0) throw new QuotaLabError('admin/bad-query', 'invalid query', { problems });
  return parsed as JournalQuery;
}

/** Converts a journal page to JSON. The stable key of the `ProviderView` is `sight`. */
function toJson({ total, kept, exchanges, next }: JournalPage): unknown {
  const listed = exchanges.map(({ number, view, ...exchange }) => ({ number, sight: view, ...exchange }));
  return { total, kept, exchanges: listed, next };
}

interface AdminResponse {
  readonly type: string;
  readonly text: string;
}

/** An error of an admin route, with its HTTP status. */
class RouteError extends QuotaLabError {
  readonly status: number;

  constructor(status: number, code: ErrorCode, message: string) {
    super(code, message);
    this.status = status;
  }
}

function routeError(routes: Readonly<Record<string, RouteHandler>>, method: string, path: string): RouteError {
  const methods = Object.keys(routes).filter((route) => route.endsWith(` ${path}`));
  if (methods.length > 0) {
    const allowed = methods.map((route) => route.split(' ')[0]).join(', ');
    return new RouteError(405, 'admin/wrong-method', `${path} accepts ${allowed}, not ${method}`);
  }
  return new RouteError(
    404,
    'admin/not-found',
    `unknown path ${path}; available routes: ${Object.keys(routes).join(', ')}`,
  );
}

/** Authorizes the request, reads its body and sends the result or the error of `act`. */
async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
  act: (method: string, path: string, query: URLSearchParams, body: unknown) => Promise<AdminResponse>,
): Promise<void> {
  const send = (status: number, type: string, text: string): void => {
    response.writeHead(status, { 'content-type': type, ...CLOSED_TO_PAGES });
    response.end(text);
  };
  try {
    authorize(request, options);
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const text = await readBody(request, MAX_BODY_BYTES);
    if (text === undefined)
      throw new RouteError(413, 'admin/too-large', `the body is larger than ${MAX_BODY_BYTES} bytes`);
    const { type, text: result } = await act(request.method ?? '', path, new URLSearchParams(query), parseJson(text));
    send(200, type, result);
  } catch (error) {
    const known = error instanceof QuotaLabError ? error : new QuotaLabError('admin/failed', String(error));
    const status = known instanceof RouteError ? known.status : error === known ? 400 : 500;
    const { code, message, problems } = known;
    send(status, 'application/json', formatJson({ error: { code, message, problems } }));
  }
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RouteError(400, 'admin/bad-json', `the body is not valid JSON: ${(cause as Error).message}`);
  }
}

function authorize({ headers }: IncomingMessage, { token }: AdminOptions): void {
  if (token !== undefined) {
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-quotalab-token'];
    if (!equalsInConstantTime(String(given ?? ''), token))
      throw new RouteError(401, 'admin/no-token', 'a token is required');
    return;
  }
  if (!isLoopbackHost(headers)) {
    throw new RouteError(
      403,
      'admin/foreign-host',
      `admin routes require a loopback Host header, not ${headers.host ?? 'a missing one'}`,
    );
  }
  const page = findForeignPage(headers);
  if (page !== undefined) throw new RouteError(403, 'admin/foreign-origin', `admin routes are closed to ${page}`);
}
