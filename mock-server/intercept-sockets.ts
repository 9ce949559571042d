import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { InProcess } from './in-process.ts';
import { CALL_TAG_HEADER } from './provider-view.ts';
import { targetOf } from './socket-target.ts';

/**
 * Lets every TCP connection to the provider's address end in this process: `Socket.connect` is where node:http, the
 * agents of undici and everything that stands on them come together. Both ends speak real HTTP, over memory.
 */
export function interceptSockets(inProcess: InProcess, host: string, port: number): void {
  const server = createServer((request, response) => answer(inProcess, request, response));
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function intercepted(this: Socket, ...args: unknown[]): Socket {
    const target = targetOf(args);
    if (target?.host !== host || target.port !== port) return Reflect.apply(connect, this, args) as Socket;
    join(this, server, args.at(-1));
    return this;
  } as typeof connect;
}

/** The server's end of a connection in memory. */
class FarEnd extends Duplex {
  readonly remoteAddress = '127.0.0.1';
}

/** Connects a client's socket with the server: what one writes, the other reads, at once and in order. */
function join(socket: Socket, server: Server, callback: unknown): void {
  const touch = idleTimer(socket);
  const far = new FarEnd({
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
      if (!socket.destroyed && !socket.readableEnded) socket.destroy(error ? undefined : resetBy(far));
      done(null);
    },
  });
  const own = socket as unknown as Overridable;
  own.connecting = true;
  // Nothing of the machine is behind it that could keep the process alive.
  own.ref = own.unref = () => socket;
  own._read = () => undefined;
  own._write = (chunk, _encoding, done) => {
    touch();
    far.push(chunk);
    done();
  };
  own._writev = (chunks, done) => {
    touch();
    for (const { chunk } of chunks) far.push(chunk);
    done();
  };
  own._final = (done) => {
    far.push(null);
    done();
  };
  own._destroy = (error, done) => {
    far.destroy();
    Reflect.apply(Socket.prototype._destroy, socket, [error, done]);
  };
  if (typeof callback === 'function') socket.once('connect', callback as () => void);
  process.nextTick(() => {
    if (socket.destroyed) return;
    own.connecting = false;
    server.emit('connection', far);
    socket.emit('connect');
    socket.emit('ready');
  });
}

/** The parts of a socket that a connection in memory replaces. */
interface Overridable {
  connecting: boolean;
  ref: () => Socket;
  unref: () => Socket;
  _read: () => void;
  _write: (chunk: Buffer, encoding: string, done: (error?: Error) => void) => void;
  _writev: (chunks: { chunk: Buffer }[], done: (error?: Error) => void) => void;
  _final: (done: (error?: Error) => void) => void;
  _destroy: (error: Error | null, done: (error: Error | null) => void) => void;
}

/** A server that goes away with a reply half sent resets the connection; after a whole one it only closes it. */
function resetBy(far: FarEnd): Error | undefined {
  if (far.writableFinished || far.writableLength > 0) return undefined;
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' });
}

/** Node times sockets out on the machine's clock; these do it on the clock that timers have. Returns what restarts it. */
function idleTimer(socket: Socket): () => void {
  // `net.connect` may have set it already, on the real clock.
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

/** Reads the request, hands it over and writes the reply as it comes. */
function answer(inProcess: InProcess, request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text;
  });
  request.on('error', () => undefined);
  request.on('end', () => {
    const { method = '', url: target = '', headers } = request;
    const tag = headers[CALL_TAG_HEADER] as string | undefined;
    const read = { method, target, headers: headers as Record<string, string>, body, ip: '127.0.0.1' };
    const leave = inProcess.send(read, tag, {
      whole(reply, bytes) {
        response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(bytes) });
        response.end(bytes);
      },
      head(reply) {
        response.writeHead(reply.status, reply.headers);
        response.flushHeaders();
      },
      frame: (bytes) => void response.write(bytes),
      end: () => void response.end(),
      broken: () => void response.destroy(),
    });
    response.on('close', leave);
  });
}
