import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limit } from './admission/limit.ts';
import { type Problem, QuotaLabError } from './error.ts';
import type { Exchange } from './exchange.ts';
import type { Fault } from './faults/fault.ts';
import { createJournalRing, type JournalQuery, type JournalRing } from './journal-ring.ts';
import { createMetrics } from './metrics.ts';
import type { Provider } from './provider.ts';
import { readBody } from './read-body.ts';
import { signalsOf } from './similarity/signals.ts';

export interface AdminOptions {
  readonly nowUs: () => number;
  /** Must be sent as a bearer token or in `x-quotalab-token`; absent where only this machine can ask. */
  readonly token?: string;
  /** Read limits and faults as a scenario writes them; both throw a `QuotaLabError` with every problem. */
  readonly parseLimits: (raw: unknown) => readonly Limit[];
  readonly parseFaults: (raw: unknown) => readonly Fault[];
  /** Exchanges that are kept; default 10,000. */
  readonly journalSize?: number;
}

/** The provider's own routes: `/__quotalab/…` and `/metrics`. */
export interface Admin {
  owns(target: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): void;
  add(exchange: Exchange): void;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const MOST_BODY = 1024 * 1024;
const PREFIX = '/__quotalab/';

type Act = (query: URLSearchParams, body: unknown) => unknown;

/**
 * Makes the routes of a provider: state of every bucket, journal, reset, limits, faults, metrics. They answer to who has the
 * token or, without one, to a Host and an Origin of this machine alone, so that no web page can reach them through somebody's
 * browser.
 */
export function createAdmin(provider: Provider, options: AdminOptions): Admin {
  const { nowUs, journalSize = 10_000 } = options;
  const journal = createJournalRing(journalSize);
  const metrics = createMetrics(provider, nowUs);
  const routes = routesOf(provider, options, journal, metrics.reset);
  return {
    owns: (target) => target.startsWith(PREFIX) || target === '/metrics',
    handle(request, response) {
      void answer(request, response, options, async (method, path, query, body) => {
        if (path === '/metrics') return { type: metrics.contentType, text: await metrics.text() };
        const act = routes[`${method} ${path}`];
        if (act) return { type: 'application/json', text: `${JSON.stringify(act(query, body), null, 2)}\n` };
        throw routeError(routes, method, path);
      });
    },
    add(exchange) {
      journal.add(exchange);
      metrics.add(exchange);
    },
  };
}

function routesOf(
  provider: Provider,
  { nowUs, parseLimits, parseFaults }: AdminOptions,
  journal: JournalRing,
  resetMetrics: () => void,
): Readonly<Record<string, Act>> {
  const state = (): unknown => {
    const { dialect, limits, faults } = provider.settings;
    return { dialect, nowUs: nowUs(), limits, faults, buckets: provider.buckets(nowUs()) };
  };
  return {
    [`GET ${PREFIX}state`]: state,
    [`GET ${PREFIX}journal`]: (query) => journal.page(journalQuery(query)),
    [`GET ${PREFIX}signals`]: () => ({ keys: signalsOf(journal.latest().map(seenOf)) }),
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

function seenOf({ sight, startUs }: Exchange) {
  const { key = '', ip = '127.0.0.1', userAgent = '', textHash } = sight;
  return { key, ip, userAgent, textHash, atUs: startUs };
}

function journalQuery(query: URLSearchParams): JournalQuery {
  const problems: Problem[] = [];
  const number = (name: string, least: number): number | undefined => {
    const text = query.get(name);
    if (text === null) return undefined;
    if (/^\d{1,15}$/.test(text) && Number(text) >= least) return Number(text);
    problems.push({ path: name, message: `must be a whole number of at least ${least}, not "${text}"` });
    return undefined;
  };
  const wanted = {
    status: number('status', 0),
    after: number('after', 0),
    limit: Math.min(number('limit', 1) ?? 100, 1000),
    endpoint: query.get('endpoint') ?? undefined,
    model: query.get('model') ?? undefined,
    key: query.get('key') ?? undefined,
    deniedBy: query.get('deniedBy') ?? undefined,
  };
  if (problems.length > 0) throw new QuotaLabError('admin/bad-query', 'this is no query', { problems });
  return wanted as JournalQuery;
}

interface Answer {
  readonly type: string;
  readonly text: string;
}

/** An error of these routes, with the status that tells it. */
class RouteError extends QuotaLabError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.status = status;
  }
}

function routeError(routes: Readonly<Record<string, Act>>, method: string, path: string): RouteError {
  const methods = Object.keys(routes).filter((route) => route.endsWith(` ${path}`));
  if (methods.length > 0) {
    const allowed = methods.map((route) => route.split(' ')[0]).join(', ');
    return new RouteError(405, 'admin/wrong-method', `${path} takes ${allowed}, not ${method}`);
  }
  return new RouteError(404, 'admin/not-found', `there is no ${path}; there are ${Object.keys(routes).join(', ')}`);
}

/** Checks who asks, reads the body, and sends what `act` gives or throws. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
  act: (method: string, path: string, query: URLSearchParams, body: unknown) => Promise<Answer>,
): Promise<void> {
  const send = (status: number, type: string, text: string): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
    response.end(text);
  };
  try {
    checkAsker(request, options);
    const [path = '', query = ''] = (request.url ?? '').split('?', 2);
    const text = await readBody(request, MOST_BODY);
    if (text === undefined) throw new RouteError(413, 'admin/too-large', `more than ${MOST_BODY} bytes`);
    const { type, text: told } = await act(request.method ?? '', path, new URLSearchParams(query), parsed(text));
    send(200, type, told);
  } catch (error) {
    const known = error instanceof QuotaLabError ? error : new QuotaLabError('admin/failed', String(error));
    const status = known instanceof RouteError ? known.status : error === known ? 400 : 500;
    const { code, message, problems } = known;
    send(status, 'application/json', `${JSON.stringify({ error: { code, message, problems } }, null, 2)}\n`);
  }
}

function parsed(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RouteError(400, 'admin/bad-json', `the body is no JSON: ${(cause as Error).message}`);
  }
}

function checkAsker({ headers }: IncomingMessage, { token }: AdminOptions): void {
  if (token !== undefined) {
    const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? headers['x-quotalab-token'];
    if (!same(String(given ?? ''), token)) throw new RouteError(401, 'admin/no-token', 'a token is needed here');
    return;
  }
  if (!LOOPBACK.includes(hostOf(headers.host))) {
    throw new RouteError(
      403,
      'admin/foreign-host',
      `these routes are not for ${headers.host ?? 'a request without Host'}`,
    );
  }
  if (headers.origin !== undefined && !LOOPBACK.includes(hostOf(headers.origin.replace(/^https?:\/\//, '')))) {
    throw new RouteError(403, 'admin/foreign-origin', `these routes are not for pages of ${headers.origin}`);
  }
}

/** The name in a Host header, without its port. */
function hostOf(host: string | undefined): string {
  return (host ?? '').replace(/:\d+$/, '').toLowerCase();
}

/** In a time that does not tell how much of it was right. */
function same(given: string, token: string): boolean {
  const one = Buffer.from(given);
  const two = Buffer.from(token);
  return one.length === two.length && timingSafeEqual(one, two);
}
