import { type Agent, type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { withoutCallPath } from '../../mock-server/call-path.ts';
import { CALL_TAG_HEADER, OBSERVED_HEADER } from '../../mock-server/provider-view.ts';
import type { Observed } from './observed.ts';
import { HOST } from './port.ts';

export interface PassageOptions {
  /** Where the gateway listens on loopback. */
  readonly port: number;
  readonly nowUs: () => number;
  readonly onOpened: (id: string) => void;
  /** Told when a request's body is whole. */
  readonly onSent: (id: string, body: string) => void;
  /** Told once of each request, when it is over. */
  readonly onEnd: (observed: Observed) => void;
}

/** Bytes of a body that are kept to be read: what is longer is passed on all the same. */
const MOST_KEPT = 10 * 1024 * 1024;

/** A client's connection and the one to the gateway that goes with it: what happens to one, happens to the other. */
export interface Connection {
  readonly agent: Agent;
  readonly upstream: Set<Socket>;
  busy: number;
}

/** A request as it came in front of the gateway, and the number that it gets. */
interface Arrival {
  readonly id: string;
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly connection: Connection;
}

/** One request on its way to the gateway and back, passed on as it comes. */
export class Passage {
  readonly #id: string;
  readonly #asked: IncomingMessage;
  readonly #answer: ServerResponse;
  readonly #connection: Connection;
  readonly #options: PassageOptions;
  readonly #over: () => void;
  readonly #startUs: number;
  readonly #target: string;
  readonly #callTag: string | undefined;
  readonly #body = new Kept();
  readonly #answered = new Kept();
  #from: IncomingMessage | undefined;
  #headersUs: number | undefined;
  #ended = false;
  /** What a connection that closes before the answer has gone out whole means. */
  #closedAs: Observed['outcome'] = 'aborted';

  /** `over` is called once, before anybody is told how it went. */
  constructor({ id, asked, answer, connection }: Arrival, options: PassageOptions, over: () => void) {
    this.#id = id;
    this.#asked = asked;
    this.#answer = answer;
    this.#connection = connection;
    this.#options = options;
    this.#over = over;
    this.#startUs = options.nowUs();
    const { target, headers } = withoutCallPath(asked.url ?? '', asked.headers as Record<string, string>);
    this.#target = target;
    this.#callTag = headers[CALL_TAG_HEADER];
    options.onOpened(id);
  }

  start(): void {
    const onward = this.#onward();
    this.#answer.on('finish', () => this.end('response'));
    this.#answer.on('error', () => undefined);
    this.#answer.on('close', () => {
      this.end(this.#closedAs);
      // The client went away, or has its answer before it has sent all: its request goes no further.
      if (!this.#answer.writableFinished || !onward?.writableEnded) onward?.destroy();
    });
    this.#asked.on('error', () => undefined);
    if (!onward) return;
    this.#asked.on('data', (bytes: Buffer) => this.#body.add(bytes));
    this.#asked.on('end', () => this.#options.onSent(this.#id, this.#body.text() ?? ''));
    this.#asked.pipe(onward);
  }

  end(outcome: Observed['outcome']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#over();
    const { nowUs, onEnd } = this.#options;
    const from = this.#from;
    const body = isPlain(from) ? this.#answered.text() : undefined;
    onEnd({
      id: this.#id,
      method: this.#asked.method ?? '',
      target: this.#target,
      requestHeaders: plainHeaders(this.#asked),
      requestBody: this.#body.text() ?? '',
      ...(this.#callTag !== undefined && { callTag: this.#callTag }),
      status: this.#answer.headersSent ? this.#answer.statusCode : 0,
      responseHeaders: from ? plainHeaders(from) : {},
      ...(body !== undefined && { responseBody: body }),
      startUs: this.#startUs,
      ...(this.#headersUs !== undefined && { headersUs: this.#headersUs }),
      endUs: nowUs(),
      outcome,
    });
  }

  /** The same request to the gateway; undefined where it cannot be put into words, which is answered. */
  #onward(): ClientRequest | undefined {
    const { port } = this.#options;
    const { agent, upstream } = this.#connection;
    let onward: ClientRequest;
    try {
      const headers = this.#headersOnward();
      const { method } = this.#asked;
      onward = request({
        host: HOST,
        port,
        agent,
        path: this.#target,
        headers,
        ...(method !== undefined && { method }),
      });
    } catch {
      this.#asked.resume();
      this.#answer.writeHead(400).end('The address of this request cannot be passed on.\n');
      return undefined;
    }
    onward.on('socket', (socket) => {
      if (upstream.has(socket)) return;
      upstream.add(socket);
      socket.setNoDelay(true);
      socket.once('close', () => this.#upstreamClosed(socket));
    });
    onward.on('response', (from) => this.#passBack(from));
    onward.on('error', (error: NodeJS.ErrnoException) => {
      // Half an answer is cut by `passBack`.
      if (!this.#from) this.#break(error.code === 'ECONNRESET' && error.syscall === undefined ? 'close' : 'reset');
    });
    return onward;
  }

  /** An idle connection that the gateway closes is closed for the client, too. */
  #upstreamClosed(socket: Socket): void {
    const { upstream, busy } = this.#connection;
    upstream.delete(socket);
    if (busy === 0) this.#asked.socket.end();
  }

  /** As they came, but for the host, the number, and the call where it stood in the path. */
  #headersOnward(): string[] {
    const { rawHeaders } = this.#asked;
    const headers: string[] = [];
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!;
      const lower = name.toLowerCase();
      if (lower === OBSERVED_HEADER) continue;
      headers.push(name, lower === 'host' ? `${HOST}:${this.#options.port}` : rawHeaders[at + 1]!);
    }
    headers.push(OBSERVED_HEADER, this.#id);
    if (this.#callTag !== undefined && this.#asked.headers[CALL_TAG_HEADER] === undefined) {
      headers.push(CALL_TAG_HEADER, this.#callTag);
    }
    return headers;
  }

  #passBack(from: IncomingMessage): void {
    this.#from = from;
    this.#headersUs = this.#options.nowUs();
    const answer = this.#answer;
    // The date is the gateway's, or there is none.
    answer.sendDate = false;
    answer.writeHead(from.statusCode!, from.statusMessage, from.rawHeaders);
    if (from.headers['content-length'] === undefined) answer.flushHeaders();
    from.on('data', (bytes: Buffer) => this.#answered.add(bytes));
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!from.complete) this.#break('cut');
    });
    from.pipe(answer);
  }

  /** Not a polite end: the client must see a connection that broke as the gateway's did; what was sent before must reach it. */
  #break(how: 'reset' | 'close' | 'cut'): void {
    this.#closedAs = 'reset';
    const { socket } = this.#answer;
    if (!socket) this.#answer.destroy();
    else if (how === 'reset') socket.resetAndDestroy();
    else if (how === 'close') socket.destroy();
    else socket.write('', () => this.#answer.destroy());
  }
}

/** What has gone by of a body, as far as it is kept. */
class Kept {
  #chunks: Buffer[] = [];
  #size = 0;

  add(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size <= MOST_KEPT) this.#chunks.push(bytes);
    else this.#chunks = [];
  }

  /** Undefined where it was too long. */
  text(): string | undefined {
    return this.#size > MOST_KEPT ? undefined : Buffer.concat(this.#chunks).toString('utf8');
  }
}

function isPlain(from: IncomingMessage | undefined): boolean {
  return (from?.headers['content-encoding'] ?? 'identity') === 'identity';
}

/** One line for each name. */
function plainHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
