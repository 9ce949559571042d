import { type Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { stripCallPath } from '../../mock-server/call-path.ts';
import { CALL_TAG_HEADER, OBSERVED_HEADER } from '../../mock-server/provider-view.ts';
import { type ObservedExchange, settleOutcome } from './observed-exchange.ts';
import { HOST } from './port.ts';

export interface ProxyOptions {
  /** Where the gateway listens on loopback. */
  readonly port: number;
  /** Headers added to every request; they replace those of the client with the same name. */
  readonly addedHeaders: Readonly<Record<string, string>>;
  readonly nowUs: () => number;
  readonly onOpened: (id: string) => void;
  /** Called when a request's body is complete. */
  readonly onSent: (id: string, body: string) => void;
  /** Called once per request, when it is over. */
  readonly onEnd: (observed: ObservedExchange) => void;
}

/** Larger bodies are forwarded but not kept. */
const MAX_KEPT_BYTES = 10 * 1024 * 1024;

/** A client's connection and its connection to the gateway; closing one closes the other. */
export interface Connection {
  readonly agent: Agent;
  readonly upstream: Set<Socket>;
  busy: number;
}

/** An incoming request and its number. */
interface RequestArrival {
  readonly id: string;
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
}

/** A request forwarded to the gateway and its reply, both streamed. */
export class ProxiedRequest {
  readonly #id: string;
  readonly #incoming: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #connection: Connection;
  readonly #options: ProxyOptions;
  readonly #onOver: () => void;
  readonly #startUs: number;
  readonly #target: string;
  readonly #callTag: string | undefined;
  readonly #body = new KeptBody();
  readonly #replyBody = new KeptBody();
  #upstream: IncomingMessage | undefined;
  #headersUs: number | undefined;
  #ended = false;
  /** The outcome if the connection closes before the reply is complete. */
  #closedAs: ObservedExchange['outcome'] = 'aborted';

  /** `onOver` is called once, before `onEnd`. */
  constructor({ id, incoming, response, connection }: RequestArrival, options: ProxyOptions, onOver: () => void) {
    this.#id = id;
    this.#incoming = incoming;
    this.#response = response;
    this.#connection = connection;
    this.#options = options;
    this.#onOver = onOver;
    this.#startUs = options.nowUs();
    const { target, headers } = stripCallPath(incoming.url ?? '', incoming.headers as Record<string, string>);
    this.#target = target;
    this.#callTag = headers[CALL_TAG_HEADER];
    options.onOpened(id);
  }

  start(): void {
    const forwarded = this.#forward();
    this.#response.on('finish', () => this.end('response'));
    this.#response.on('error', () => undefined);
    this.#response.on('close', () => {
      this.end(this.#closedAs);
      // The client disconnected, or has its reply before it has sent all of its request.
      if (!this.#response.writableFinished || !forwarded?.writableEnded) forwarded?.destroy();
    });
    this.#incoming.on('error', () => undefined);
    if (!forwarded) return;
    this.#incoming.on('data', (bytes: Buffer) => this.#body.add(bytes));
    this.#incoming.on('end', () => this.#options.onSent(this.#id, this.#body.text() ?? ''));
    this.#incoming.pipe(forwarded);
  }

  end(outcome: ObservedExchange['outcome']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onOver();
    const { nowUs, onEnd } = this.#options;
    const reply = this.#upstream;
    const body = isPlain(reply) ? this.#replyBody.text() : undefined;
    const status = this.#response.headersSent ? this.#response.statusCode : 0;
    onEnd({
      id: this.#id,
      method: this.#incoming.method ?? '',
      target: this.#target,
      requestHeaders: plainHeaders(this.#incoming),
      requestBody: this.#body.text() ?? '',
      ...(this.#callTag !== undefined && { callTag: this.#callTag }),
      status,
      responseHeaders: reply ? plainHeaders(reply) : {},
      ...(body !== undefined && { responseBody: body }),
      startUs: this.#startUs,
      ...(this.#headersUs !== undefined && { headersUs: this.#headersUs }),
      endUs: nowUs(),
      outcome: settleOutcome(outcome, status, reply?.headers['content-type'], body),
    });
  }

  /** Forwards the request to the gateway. Replies 400 and returns undefined if its target is invalid. */
  #forward(): ClientRequest | undefined {
    const { port } = this.#options;
    const { agent, upstream } = this.#connection;
    let forwarded: ClientRequest;
    try {
      const headers = this.#forwardHeaders();
      const { method } = this.#incoming;
      forwarded = request({
        host: HOST,
        port,
        agent,
        path: this.#target,
        headers,
        ...(method !== undefined && { method }),
      });
    } catch {
      this.#incoming.resume();
      this.#response.writeHead(400).end('The target of this request cannot be forwarded.\n');
      return undefined;
    }
    forwarded.on('socket', (socket) => {
      if (upstream.has(socket)) return;
      upstream.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.#upstreamClosed(socket));
    });
    forwarded.on('response', (reply) => this.#sendBack(reply));
    forwarded.on('error', (error: NodeJS.ErrnoException) => {
      // An incomplete reply is handled by `#sendBack`.
      if (!this.#upstream) this.#break(error.code === 'ECONNRESET' && error.syscall === undefined ? 'close' : 'reset');
    });
    return forwarded;
  }

  /** Closes an idle client connection when the gateway closes its own. */
  #upstreamClosed(socket: Socket): void {
    const { upstream, busy } = this.#connection;
    upstream.delete(socket);
    if (busy === 0) this.#incoming.socket.end();
  }

  /** The client's headers with the gateway's host, the added ones, the request's number, and the call tag of the path. */
  #forwardHeaders(): string[] {
    const { rawHeaders } = this.#incoming;
    const { addedHeaders } = this.#options;
    const headers = Object.entries(addedHeaders).flat();
    const replaced = new Set([OBSERVED_HEADER, ...Object.keys(addedHeaders).map((name) => name.toLowerCase())]);
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!;
      const lower = name.toLowerCase();
      if (replaced.has(lower)) continue;
      headers.push(name, lower === 'host' ? `${HOST}:${this.#options.port}` : rawHeaders[at + 1]!);
    }
    headers.push(OBSERVED_HEADER, this.#id);
    if (this.#callTag !== undefined && this.#incoming.headers[CALL_TAG_HEADER] === undefined) {
      headers.push(CALL_TAG_HEADER, this.#callTag);
    }
    return headers;
  }

  #sendBack(reply: IncomingMessage): void {
    this.#upstream = reply;
    this.#headersUs = this.#options.nowUs();
    const response = this.#response;
    // Keep the gateway's Date header, or its absence.
    response.sendDate = false;
    response.writeHead(reply.statusCode!, reply.statusMessage, reply.rawHeaders);
    if (reply.headers['content-length'] === undefined) response.flushHeaders();
    reply.on('data', (bytes: Buffer) => this.#replyBody.add(bytes));
    reply.on('error', () => undefined);
    reply.on('close', () => {
      if (!reply.complete) this.#break('cut');
    });
    reply.pipe(response);
  }

  /** Breaks the client's connection in the same way as the gateway's; data sent before still reaches the client. */
  #break(how: 'reset' | 'close' | 'cut'): void {
    this.#closedAs = 'reset';
    const { socket } = this.#response;
    if (!socket) this.#response.destroy();
    else if (how === 'reset') socket.resetAndDestroy();
    else if (how === 'close') socket.destroy();
    else socket.write('', () => this.#response.destroy());
  }
}

/** A forwarded body, kept up to `MAX_KEPT_BYTES`. */
class KeptBody {
  #chunks: Buffer[] = [];
  #size = 0;

  add(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size <= MAX_KEPT_BYTES) this.#chunks.push(bytes);
    else this.#chunks = [];
  }

  /** Undefined if it was too long. */
  text(): string | undefined {
    return this.#size > MAX_KEPT_BYTES ? undefined : Buffer.concat(this.#chunks).toString('utf8');
  }
}

function isPlain(reply: IncomingMessage | undefined): boolean {
  return (reply?.headers['content-encoding'] ?? 'identity') === 'identity';
}

/** Joins repeated headers into one value per name. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
