import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QuotaLabError } from '../../mock-server/error.ts';
import { CLOSED_TO_PAGES, equalsInConstantTime, findForeignPage, isLoopbackHost } from '../../mock-server/guard.ts';
import { readBody } from '../../mock-server/read-body.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import type { HeaderRecord, JournalRecord } from '../journal/record.ts';
import type { LiveEvent, LiveHello } from './live-event.ts';
import { createRing } from './record-ring.ts';

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
  begin(header: HeaderRecord): void;
  /** Shows a record, which must not have secrets. A function is called only if somebody looks. */
  push(record: JournalRecord | (() => JournalRecord)): void;
  /** Sends what is left to those who look, and stops. */
  close(): Promise<void>;
}

/** Records that a page gets when it is opened late; older ones are in the journal. */
const KEPT_RECORDS = 20_000;
/** Records of one event: turning more into text would hold up the provider. */
const EVENT_RECORDS = 1000;
const EVENT_INTERVAL_MS = 250;
const MAX_BODY_BYTES = 1024 * 1024;
/** What a page that does not read is given at the end. */
const CLOSE_TIMEOUT_MS = 2000;

interface Viewer {
  readonly response: ServerResponse;
  next: number;
}

/**
 * Serves the live page of a run on this machine: the page itself, its records as server-sent events, and what a viewer may change. All
 * need the token in the address, a loopback Host, and no page of another origin. Without a viewer, a record costs one `push`.
 */
export async function startLiveServer({ page, control }: LiveOptions): Promise<LiveServer> {
  const token = randomBytes(16).toString('hex');
  const ring = createRing<JournalRecord | (() => JournalRecord)>(KEPT_RECORDS);
  const viewers = new Set<Viewer>();
  let header: HeaderRecord | undefined;
  /** Place of the first record of the run. */
  let runStart = 0;

  const send = ({ response }: Viewer, event: LiveEvent): boolean =>
    response.write(`data: ${JSON.stringify(event)}\n\n`);

  /** Sends the next records to a viewer. Returns whether there are more. */
  function feed(viewer: Viewer): boolean {
    if (viewer.next === ring.total) return false;
    const { items, skipped, next } = ring.read(viewer.next, EVENT_RECORDS);
    viewer.next = next;
    const records = items.map((item) => (typeof item === 'function' ? item() : item));
    send(viewer, { kind: 'records', records, skipped });
    return next < ring.total;
  }

  function look(response: ServerResponse): void {
    response.writeHead(200, { ...CLOSED_TO_PAGES, 'content-type': 'text/event-stream' });
    const viewer = { response, next: runStart };
    const hello: LiveHello = { kind: 'hello', hasControl: control !== undefined, ...(header && { header }) };
    send(viewer, hello);
    viewers.add(viewer);
    response.on('close', () => viewers.delete(viewer));
  }

  const timer = setInterval(() => {
    for (const viewer of viewers) if (!viewer.response.writableNeedDrain) feed(viewer);
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
    begin(started) {
      ring.clear();
      runStart = ring.total;
      header = started;
      for (const viewer of viewers) {
        viewer.next = runStart;
        send(viewer, { kind: 'hello', hasControl: control !== undefined, header });
      }
    },
    push: ring.add,
    async close() {
      clearInterval(timer);
      const ended = [...viewers].map((viewer) => {
        while (feed(viewer));
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
