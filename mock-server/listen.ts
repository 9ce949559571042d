import { hash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { QuotaLabError } from './error.ts';
import type { Exchange } from './exchange.ts';
import { playReply } from './play-reply.ts';
import type { Provider } from './provider.ts';

export interface ListenOptions {
  /** Integer microseconds since the Unix epoch, never going back. */
  readonly nowUs: () => number;
  /** 0 picks a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Bytes of request body that are read before the request is answered with 413; default 10 MiB. */
  readonly maxBodyBytes?: number;
  readonly onExchange?: (exchange: Exchange) => void;
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

/**
 * Serves a provider over node:http on loopback. Throws `provider/port-in-use` or `provider/cannot-listen`.
 * Connections are kept alive for 75 s, as real gateways do, so that a client that rests is not cut off.
 */
export async function listen(provider: Provider, options: ListenOptions): Promise<Listening> {
  const { host = '127.0.0.1', port = 0, maxBodyBytes = 10 * 1024 * 1024 } = options;
  const playing = new Set<() => void>();
  const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
    receive(provider, request, response, { ...options, maxBodyBytes }, playing);
  });
  server.on('clientError', refuseMalformed);
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
  options: ListenOptions & { maxBodyBytes: number },
  playing: Set<() => void>,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= options.maxBodyBytes) chunks.push(chunk);
    else if (!response.headersSent) refuseTooLarge(response, options.maxBodyBytes);
  });
  // A client that vanishes before its request is whole has asked for nothing.
  request.on('error', () => undefined);
  request.on('end', () => {
    if (size > options.maxBodyBytes) return;
    const startUs = options.nowUs();
    const reply = provider.receive(
      {
        method: request.method ?? '',
        target: request.url ?? '',
        headers: request.headers as Record<string, string>,
        body: (chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)).toString('utf8'),
        ip: request.socket.remoteAddress ?? '',
      },
      startUs,
    );
    const cut = playReply(reply, response, startUs, options.nowUs, ({ headersUs, endUs, outcome }) => {
      playing.delete(cut);
      provider.finish(reply.id, endUs);
      options.onExchange?.({
        sight: reply.sight,
        startUs,
        ...(headersUs !== undefined && { headersUs }),
        endUs,
        outcome,
      });
    });
    playing.add(cut);
  });
}

function refuseTooLarge(response: ServerResponse, maxBodyBytes: number): void {
  const error = {
    message: `Request body is larger than the ${maxBodyBytes} bytes that this server reads.`,
    type: 'invalid_request_error',
    param: null,
    code: null,
  };
  response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ error }));
}

/** What is no HTTP at all gets a bare 400, if the socket can still take one. */
function refuseMalformed(_error: Error, socket: Socket): void {
  if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
}
