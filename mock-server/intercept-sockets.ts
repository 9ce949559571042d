import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { InProcess, Receiver } from './in-process.ts';
import { CALL_TAG_HEADER } from './provider-view.ts';
import { parseConnectTarget } from './socket-target.ts';

/** Which connections are intercepted. */
export interface SocketOptions {
  readonly host: string;
  readonly port: number;
  /** Called with each connection to the provider, in the asynchronous context that opens it. */
  readonly onConnect?: (socket: Socket) => void;
}

/**
 * Connects every TCP connection to the provider's address to an in-process server. It patches `Socket.connect`, which node:http,
 * undici agents and everything built on them share. Both ends speak real HTTP over memory.
 */
export function interceptSockets(inProcess: InProcess, { host, port, onConnect }: SocketOptions): void {
  const server = createServer((request, response) => forward(inProcess, request, response));
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function intercepted(this: Socket, ...args: unknown[]): Socket {
    const target = parseConnectTarget(args);
    if (target?.host !== host || target.port !== port) return Reflect.apply(connect, this, args) as Socket;
    connectInMemory(this, server, args.at(-1));
    onConnect?.(this);
    return this;
  } as typeof connect;
}

/** The server side of an in-memory connection. */
class ServerSide extends Duplex {
  readonly remoteAddress = '127.0.0.1';
}

/** Connects a client socket to the server in memory: writes are readable on the other side at once and in order. */
function connectInMemory(socket: Socket, server: Server, callback: unknown): void {
  const touch = idleTimer(socket);
  const serverSide = new ServerSide({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      touch();
      socket.push(chunk);
      done();
    },
    final(done) {
      socket.push(null);
      done();
    },
    destroy(error, done) {
      if (!socket.destroyed && !socket.readableEnded) socket.destroy(error ? undefined : resetError(serverSide));
      done(null);
    },
  });
  const internals = socket as unknown as SocketInternals;
  internals.connecting = true;
  // An in-memory connection has no handle that could keep the process alive.
  internals.ref = internals.unref = () => socket;
  internals._read = () => undefined;
  internals._write = (chunk, _encoding, done) => {
    touch();
    serverSide.push(chunk);
    done();
  };
  internals._writev = (chunks, done) => {
    touch();
    for (const { chunk } of chunks) serverSide.push(chunk);
    done();
  };
  internals._final = (done) => {
    serverSide.push(null);
    done();
  };
  internals._destroy = (error, done) => {
    serverSide.destroy();
    Reflect.apply(Socket.prototype._destroy, socket, [error, done]);
  };
  if (typeof callback === 'function') socket.once('connect', callback as () => void);
  process.nextTick(() => {
    if (socket.destroyed) return;
    internals.connecting = false;
    server.emit('connection', serverSide);
    socket.emit('connect');
    socket.emit('ready');
  });
}

/** The socket members that an in-memory connection replaces. */
interface SocketInternals {
  connecting: boolean;
  ref: () => Socket;
  unref: () => Socket;
  _read: () => void;
  _write: (chunk: Buffer, encoding: string, done: (error?: Error) => void) => void;
  _writev: (chunks: { chunk: Buffer }[], done: (error?: Error) => void) => void;
  _final: (done: (error?: Error) => void) => void;
  _destroy: (error: Error | null, done: (error: Error | null) => void) => void;
}

/** Returns ECONNRESET if the server closes in mid-reply, undefined after a complete reply (a normal close). */
function resetError(serverSide: ServerSide): Error | undefined {
  if (serverSide.writableFinished || serverSide.writableLength > 0) return undefined;
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

/** Replaces the socket timeout, which Node runs on the real clock, with `setTimeout`. Returns a function that restarts it. */
function idleTimer(socket: Socket): () => void {
  // `net.connect` may already have set a timeout on the real clock.
  let idleMs = socket.timeout ?? 0;
  Reflect.apply(Socket.prototype.setTimeout, socket, [0]);
  let timer: NodeJS.Timeout | undefined;
  const touch = (): void => {
    clearTimeout(timer);
    if (idleMs > 0 && !socket.destroyed) timer = setTimeout(() => socket.emit('timeout'), idleMs);
  };
  socket.setTimeout = (ms: number, callback?: () => void) => {
    idleMs = ms;
    if (callback) {
      if (ms > 0) socket.once('timeout', callback);
      else socket.off('timeout', callback);
    }
    touch();
    return socket;
  };
  socket.once('close', () => clearTimeout(timer));
  touch();
  return touch;
}

/** Reads the request, sends it to the provider and writes the reply as it arrives. */
function forward(inProcess: InProcess, request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('error', () => undefined);
  request.on('end', () => {
    const { method = '', url: target = '', headers } = request;
    const tag = headers[CALL_TAG_HEADER] as string | undefined;
    const providerRequest = { method, target, headers: headers as Record<string, string>, body, ip: '127.0.0.1' };
    const abort = inProcess.send(
      providerRequest,
      tag,
      afterThisCode(response, {
        onComplete(reply, text) {
          response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(text) });
          response.end(text);
        },
        onHead(reply) {
          response.writeHead(reply.status, reply.headers);
          response.flushHeaders();
        },
        onFrame: (text) => void response.write(text),
        onEnd: () => void response.end(),
        onReset: () => void response.destroy(),
      }),
    );
    response.on('close', abort);
  });
}

/** Delivers when the running code has ended: a reply may come while the client sleeps synchronously. */
function afterThisCode(response: ServerResponse, receiver: Receiver): Receiver {
  const later = (act: () => void): void => process.nextTick(() => response.destroyed || act());
  return {
    onComplete: (reply, text) => later(() => receiver.onComplete(reply, text)),
    onHead: (reply) => later(() => receiver.onHead(reply)),
    onFrame: (text) => later(() => receiver.onFrame(text)),
    onEnd: () => later(receiver.onEnd),
    onReset: () => later(receiver.onReset),
  };
}
