import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QuotaLabError } from '../../mock-server/error.ts';
import { CLOSED_TO_PAGES, equalsInConstantTime, findForeignPage, isLoopbackHost } from '../../mock-server/guard.ts';
import { readBody } from '../../mock-server/read-body.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import type { LiveEvent, LiveHello } from './live-event.ts';
import { createLiveFeed, type LiveFeed } from './live-feed.ts';

/** What a viewer may change while a provider runs. Each throws a `QuotaLabError` that lists every problem. */
export type LiveControl = Readonly<Record<'limits' | 'faults' | 'reset', (raw: unknown) => void>>;

export interface LiveOptions {
  /** The HTML of the page. */
  readonly page: string;
  readonly control?: LiveControl;
}

export interface LiveServer {
  /** The address of the page, with the token that it needs. */
  readonly url: string;
  /** Starts to show a run, or a new one in place of the last. */
  readonly begin: LiveFeed['begin'];
  /** Shows a record of the run. */
  readonly push: LiveFeed['push'];
  /** Shows an attempt, whose record is made only if somebody sees it. */
  readonly pushExchange: LiveFeed['pushExchange'];
  /** Sends what is left to those who look, and stops. */
  close(): Promise<void>;
}

/** Records of one event: turning more into text would hold up the provider. */
const EVENT_RECORDS = 1000;
const EVENT_INTERVAL_MS = 250;
const MAX_BODY_BYTES = 1024 * 1024;
/** What a page that does not read is given at the end. */
const CLOSE_TIMEOUT_MS = 2000;

interface Viewer {
  readonly response: ServerResponse;
  next: number;
  /** Whether it sees counts in place of records. */
  counted: boolean;
}

/**
 * Serves the live page of a run on this machine: the page itself, its records as server-sent events, and what a viewer may change. All
 * need the token in the address, a loopback Host, and no page of another origin.
 */
export async function startLiveServer({ page, control }: LiveOptions): Promise<LiveServer> {
  const token = randomBytes(16).toString('hex');
  const feed = createLiveFeed();
  const viewers = new Set<Viewer>();

  const send = ({ response }: Viewer, event: LiveEvent): boolean =>
    response.write(`data: ${JSON.stringify(event)}\n\n`);

  function greet(viewer: Viewer): void {
    const { header, counted, start } = feed;
    Object.assign(viewer, { next: start, counted });
    const hello: LiveHello = { kind: 'hello', hasControl: control !== undefined, counted, ...(header && { header }) };
    send(viewer, hello);
  }

  /** Sends the next records to a viewer. Returns whether there are more. */
  function feedTo(viewer: Viewer): boolean {
    if (viewer.counted !== feed.counted) greet(viewer);
    const { items: records, skipped, next } = feed.read(viewer.next, EVENT_RECORDS);
    const recent = feed.recent();
    viewer.next = next;
    if (records.length + recent.length > 0) send(viewer, { kind: 'records', records, skipped, recent });
    return next < feed.total;
  }

  function look(response: ServerResponse): void {
    response.writeHead(200, { ...CLOSED_TO_PAGES, 'content-type': 'text/event-stream' });
    const viewer: Viewer = { response, next: 0, counted: false };
    greet(viewer);
    viewers.add(viewer);
    response.on('close', () => viewers.delete(viewer));
  }

  let tickedMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    feed.tick(nowMs - tickedMs);
    tickedMs = nowMs;
    for (const viewer of viewers) if (!viewer.response.writableNeedDrain) feedTo(viewer);
  }, EVENT_INTERVAL_MS);
  timer.unref();

  const server = createServer((request, response) => {
    void answer(request, response, { token, page, control, look });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new QuotaLabError('live/cannot-listen', `cannot serve the live page: ${cause.message}`, { cause })),
    );
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/?token=${token}`,
    begin(...started) {
      feed.begin(...started);
      for (const viewer of viewers) greet(viewer);
    },
    push: feed.push,
    pushExchange: feed.pushExchange,
    async close() {
      clearInterval(timer);
      const ended = [...viewers].map((viewer) => {
        while (feedTo(viewer));
        send(viewer, { kind: 'over' });
        return new Promise<void>((resolve) => viewer.response.end(resolve));
      });
      await Promise.race([Promise.all(ended), new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref())]);
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Routes extends Pick<LiveOptions, 'page'> {
  readonly control: LiveControl | undefined;
  readonly token: string;
  readonly look: (response: ServerResponse) => void;
}

const CLOSED_TO_FRAMES = { 'referrer-policy': 'no-referrer', 'x-frame-options': 'DENY' };
const FORBIDDEN = 'Open the address that quotalab has printed: it has a token, and works on this machine only.\n';

async function answer(request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<void> {
  const send = (status: number, type: string, text: string): void => {
    response.writeHead(status, { ...CLOSED_TO_PAGES, 'content-type': type, ...CLOSED_TO_FRAMES });
    response.end(text);
  };
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const route = `${request.method} ${pathname}`;
  // The page itself may be opened by a link, such as that on the first page of the mock.
  const isOwn = route === 'GET /' || findForeignPage(request.headers) === undefined;
  const hasToken = equalsInConstantTime(searchParams.get('token') ?? '', routes.token);
  if (!isOwn || !hasToken || !isLoopbackHost(request.headers)) return send(403, 'text/plain', FORBIDDEN);
  if (route === 'GET /') return send(200, 'text/html; charset=utf-8', routes.page);
  if (route === 'GET /events') return routes.look(response);
  const change = /^PUT \/(limits|faults|reset)$/.exec(route)?.[1] as keyof LiveControl | undefined;
  if (!change || !routes.control) return send(404, 'text/plain', 'There is no such page.\n');
  try {
    const body = await readBody(request, MAX_BODY_BYTES);
    routes.control[change](body === undefined || body === '' ? undefined : JSON.parse(body));
    send(204, 'text/plain', '');
  } catch (error) {
    const problems = error instanceof QuotaLabError ? error.problems : [];
    const lines = problems.map(({ path, message, hint }) => `${path} ${message}${hint ? ` (${hint})` : ''}`.trim());
    send(400, 'text/plain', createRedactor().text([(error as Error).message, ...lines].join('\n')));
  }
}
