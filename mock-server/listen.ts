import { isUtf8 } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Admin } from './admin.ts';
import { stripCallPath } from './call-path.ts';
import { QuotaLabError } from './error.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { CLOSED_TO_PAGES } from './guard.ts';
import { closeIdleConnections } from './idle-connections.ts';
import { playReply } from './play-reply.ts';
import type { Provider } from './provider.ts';
import { readBytes } from './read-body.ts';
import type { ProviderRequest, ProviderView } from './reply.ts';

export interface ListenOptions {
  /** Integer microseconds since the Unix epoch, monotonic. */
  readonly nowUs: () => number;
  /** How many times faster `nowUs` runs than the wall clock; default 1. Socket timeouts stay in wall time. */
  readonly speed?: number;
  /** 0, the default, picks a free port. */
  readonly port?: number;
  readonly host?: string;
  /** Maximum bytes of a request body; larger ones get a 413. Default 10 MiB. */
  readonly maxBodyBytes?: number;
  /** Maximum header lines of a request; more get a 431. Default 100. */
  readonly maxHeaders?: number;
  /** Maximum time for a request to arrive completely; slower ones get a 408. Default 60 s. */
  readonly requestTimeoutMs?: number;
  /** The admin routes; without them, the dialect handles their paths. */
  readonly admin?: Admin;
  /** Returns the HTML for a browser that opens the address of the server; without it, the dialect answers. */
  readonly frontPage?: (request: IncomingMessage) => string;
  readonly onExchange?: (exchange: Exchange) => void;
  /** Called for each request once its reply is decided, before any byte is sent. */
  readonly onDecided?: (request: ProviderRequest, view: ProviderView) => void;
}

export interface ProviderServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and closes all connections, after reporting open replies as `open` exchanges. */
  close(): Promise<void>;
}

type RequestBounds = Required<Pick<ListenOptions, 'maxBodyBytes' | 'maxHeaders'>>;

/**
 * Serves a provider over node:http on loopback. Throws `provider/port-in-use` or `provider/cannot-listen`.
 * Idle connections are kept alive for 75 s, as real gateways do, or closed by the settings of the provider.
 */
export async function listen(provider: Provider, options: ListenOptions): Promise<ProviderServer> {
  const { host = '127.0.0.1', port = 0, maxBodyBytes = 10 * 1024 * 1024, maxHeaders = 100 } = options;
  const { requestTimeoutMs = 60_000 } = options;
  const { idleTimeoutUs } = provider.settings;
  const open = new Set<() => void>();
  const timing = {
    // 0 announces nothing and closes nothing.
    keepAliveTimeout: idleTimeoutUs === undefined ? 75_000 : 0,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.max(50, Math.min(5000, requestTimeoutMs / 2)),
    // Checked in `receive`: Node's own reply to a request without Host has no body.
    requireHostHeader: false,
  };
  const server = createServer(timing, (request, response) => {
    if (options.admin?.owns(request.url ?? '')) options.admin.handle(request, response);
    else if (options.frontPage && isBrowser(request)) sendFrontPage(options.frontPage(request), response);
    else receive(provider, request, response, { ...options, maxBodyBytes, maxHeaders }, open);
  });
  if (idleTimeoutUs !== undefined) closeIdleConnections(server, idleTimeoutUs / 1000 / (options.speed ?? 1));
  // One above the maximum: Node drops further headers, so a request over the limit is still detected.
  server.maxHeadersCount = maxHeaders + 1;
  server.on('clientError', (error, socket) => rejectMalformed(provider, error, socket as Socket));
  await bind(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    async close() {
      for (const end of open) end();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Whether a browser opens the address of the server; no SDK asks for HTML, and no API has this path. */
function isBrowser({ method, url, headers }: IncomingMessage): boolean {
  return method === 'GET' && url === '/' && /text\/html/.test(headers.accept ?? '');
}

function sendFrontPage(html: string, response: ServerResponse): void {
  response.writeHead(200, {
    ...CLOSED_TO_PAGES,
    'content-type': 'text/html; charset=utf-8',
    'x-frame-options': 'DENY',
  });
  response.end(html);
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
    server.listen(port, host, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, port: number, host: string): QuotaLabError {
  if (error.code === 'EADDRINUSE') {
    const problems = [
      { path: 'port', message: `${host}:${port} is in use`, hint: 'choose another port, or 0 for any free port' },
    ];
    return new QuotaLabError('provider/port-in-use', `port ${port} is in use`, { problems, cause: error });
  }
  return new QuotaLabError('provider/cannot-listen', `cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}

/** Reads the body, gets the reply from the provider, sends it and reports the exchange. */
function receive(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions & RequestBounds,
  open: Set<() => void>,
): void {
  const reject = (status: number, message: string): void => {
    const { headers, body } = provider.malformedRequest(status, message);
    response.writeHead(status, { ...headers, connection: 'close' });
    response.end(body);
  };
  const { maxHeaders, maxBodyBytes } = options;
  if (request.rawHeaders.length / 2 > maxHeaders) {
    reject(431, TOO_MANY_HEADERS);
    return;
  }
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    reject(400, 'The request has no Host header.');
    return;
  }
  readBytes(request, maxBodyBytes, (bytes) => {
    if (!bytes) reject(413, `The request body is larger than the limit of ${maxBodyBytes} bytes.`);
    else if (!isUtf8(bytes)) reject(400, 'The request body is not valid UTF-8.');
    else runSafely(reject, () => play(provider, request, response, bytes, options, open));
  });
}

/** Reports an internal error on stderr and as a 500, so that it does not end a run. */
function runSafely(reject: (status: number, message: string) => void, act: () => void): void {
  try {
    act();
  } catch (error) {
    process.emitWarning(error as Error);
    reject(500, 'Internal error of the mock server; see its stderr.');
  }
}

function play(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  options: ListenOptions,
  open: Set<() => void>,
): void {
  const { nowUs, speed = 1 } = options;
  const startUs = nowUs();
  const providerRequest: ProviderRequest = {
    method: request.method ?? '',
    ...stripCallPath(request.url ?? '', request.headers as Record<string, string>),
    body: bytes.toString('utf8'),
    ip: request.socket.remoteAddress ?? '',
  };
  const reply = provider.receive(providerRequest, startUs);
  options.onDecided?.(providerRequest, reply.view);
  const end = playReply(reply, response, startUs, { nowUs, speed }, ({ headersUs, endUs, outcome }) => {
    open.delete(end);
    provider.finish(reply.id, endUs);
    const exchange = createExchange(reply, { startUs, headersUs, endUs, outcome });
    options.admin?.add(exchange);
    options.onExchange?.(exchange);
  });
  open.add(end);
}

const TOO_MANY_HEADERS = 'The request has too many or too large headers.';

const MALFORMED: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, TOO_MANY_HEADERS],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
};

/** Replies to invalid HTTP with an error in the dialect's format, if the socket is still writable. */
function rejectMalformed(provider: Provider, error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const [status, message] = MALFORMED[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const { headers, body } = provider.malformedRequest(status, message);
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
