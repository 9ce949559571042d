import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Admin } from './admin.ts';
import { withoutCallPath } from './call-path.ts';
import { QuotaLabError } from './error.ts';
import { type Exchange, exchangeOf } from './exchange.ts';
import { playReply } from './play-reply.ts';
import type { Provider } from './provider.ts';
import { readBytes } from './read-body.ts';
import type { ProviderRequest, ProviderView } from './reply.ts';

export interface ListenOptions {
  /** Integer microseconds since the Unix epoch, never going back. */
  readonly nowUs: () => number;
  /** How many times as fast as the machine's timers `nowUs` runs; default 1. Bounds on sockets stay in the machine's time. */
  readonly speed?: number;
  /** 0 picks a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Bytes of request body that are read before the request is answered with 413; default 10 MiB. */
  readonly maxBodyBytes?: number;
  /** Header lines that a request may have before it is answered with 431; default 100. */
  readonly maxHeaders?: number;
  /** How long a request may take to arrive whole before it is answered with 408; default 60 s. */
  readonly requestTimeoutMs?: number;
  /** The provider's own routes; without them, their paths are the dialect's. */
  readonly admin?: Admin;
  readonly onExchange?: (exchange: Exchange) => void;
  /** Told of each request as soon as it is decided what is answered, before any of it is sent. */
  readonly onDecided?: (request: ProviderRequest, sight: ProviderView) => void;
}

export interface Listening {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly url: string;
  readonly port: number;
  /** Stops listening and cuts what is still open; replies cut so are reported as `open` exchanges first. */
  close(): Promise<void>;
}

/** A short hash for texts that may be compared but not read: 64 bits of SHA-256, salted by purpose. */
export function digest(text: string): string {
  return hash('sha256', `quotalab\0${text}`, 'hex').slice(0, 16);
}

type Bounds = Required<Pick<ListenOptions, 'maxBodyBytes' | 'maxHeaders'>>;

/**
 * Serves a provider over node:http on loopback. Throws `provider/port-in-use` or `provider/cannot-listen`.
 * Connections are kept alive for 75 s, as real gateways do, so that a client that rests is not cut off.
 */
export async function listen(provider: Provider, options: ListenOptions): Promise<Listening> {
  const { host = '127.0.0.1', port = 0, maxBodyBytes = 10 * 1024 * 1024, maxHeaders = 100 } = options;
  const { requestTimeoutMs = 60_000 } = options;
  const playing = new Set<() => void>();
  const timing = {
    keepAliveTimeout: 75_000,
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.max(50, Math.min(5000, requestTimeoutMs / 2)),
    // Node's own answer to a request without Host has no body.
    requireHostHeader: false,
  };
  const server = createServer(timing, (request, response) => {
    if (options.admin?.owns(request.url ?? '')) options.admin.handle(request, response);
    else receive(provider, request, response, { ...options, maxBodyBytes, maxHeaders }, playing);
  });
  // One more than is let through, so that too many can be told from just enough.
  server.maxHeadersCount = maxHeaders + 1;
  server.on('clientError', (error, socket) => refuseMalformed(provider, error, socket as Socket));
  await bind(server, port, host);
  const address = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    async close() {
      for (const cut of playing) cut();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
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
      { path: 'port', message: `${host}:${port} is taken`, hint: 'choose another, or 0 for any free one' },
    ];
    return new QuotaLabError('provider/port-in-use', `port ${port} is in use`, { problems, cause: error });
  }
  return new QuotaLabError('provider/cannot-listen', `cannot listen on ${host}:${port}: ${error.message}`, {
    cause: error,
  });
}

/** Reads the body, lets the provider decide, plays the reply and reports it. */
function receive(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  options: ListenOptions & Bounds,
  playing: Set<() => void>,
): void {
  const refuse = (status: number, message: string): void => {
    const { headers, body } = provider.notARequest(status, message);
    response.writeHead(status, { ...headers, connection: 'close' });
    response.end(body);
  };
  const { maxHeaders, maxBodyBytes } = options;
  if (request.rawHeaders.length / 2 > maxHeaders) {
    refuse(431, TOO_MANY_HEADERS);
    return;
  }
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    refuse(400, 'The request has no Host header.');
    return;
  }
  readBytes(request, maxBodyBytes, (bytes) => {
    if (!bytes) refuse(413, `Request body is larger than the ${maxBodyBytes} bytes that this server reads.`);
    else if (!isUtf8(bytes)) refuse(400, 'The request body is not valid UTF-8.');
    else safely(refuse, () => play(provider, request, response, bytes, options, playing));
  });
}

/** A mistake of this program's own must not end a run: it is told on stderr, and as a 500. */
function safely(refuse: (status: number, message: string) => void, act: () => void): void {
  try {
    act();
  } catch (error) {
    process.emitWarning(error as Error);
    refuse(500, 'The mock itself has failed; its stderr says how.');
  }
}

function play(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  options: ListenOptions,
  playing: Set<() => void>,
): void {
  const { nowUs, speed = 1 } = options;
  const startUs = nowUs();
  const asked: ProviderRequest = {
    method: request.method ?? '',
    ...withoutCallPath(request.url ?? '', request.headers as Record<string, string>),
    body: bytes.toString('utf8'),
    ip: request.socket.remoteAddress ?? '',
  };
  const reply = provider.receive(asked, startUs);
  options.onDecided?.(asked, reply.sight);
  const cut = playReply(reply, response, startUs, { nowUs, speed }, ({ headersUs, endUs, outcome }) => {
    playing.delete(cut);
    provider.finish(reply.id, endUs);
    const exchange = exchangeOf(reply, { startUs, headersUs, endUs, outcome });
    options.admin?.add(exchange);
    options.onExchange?.(exchange);
  });
  playing.add(cut);
}

const TOO_MANY_HEADERS = 'The headers of the request are too many or too large.';

const MALFORMED: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, TOO_MANY_HEADERS],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
};

/** What is no HTTP at all gets a 400 in the dialect's own shape, if the socket can still take one. */
function refuseMalformed(provider: Provider, error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return;
  const [status, message] = MALFORMED[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const { headers, body } = provider.notARequest(status, message);
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
