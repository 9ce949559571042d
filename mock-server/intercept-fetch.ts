import { STATUS_CODES } from 'node:http';
import type { InProcess, Receiver } from './in-process.ts';
import { CALL_TAG_HEADER } from './provider-view.ts';
import type { Reply } from './reply.ts';

export interface FetchOptions {
  readonly inProcess: InProcess;
  /** `http://host:port` of the provider; everything below it is answered here. */
  readonly origin: string;
  /** Takes every other request. */
  readonly otherwise: typeof fetch;
  /** The call that is being made in this asynchronous context. */
  readonly callTag: () => string | undefined;
}

type Input = Parameters<typeof fetch>[0];
type Init = NonNullable<Parameters<typeof fetch>[1]>;

/** What a request comes down to, its body read. */
interface Read {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal | null | undefined;
}

/** A `fetch` that answers the provider's own address in process and hands everything else on. */
export function interceptedFetch({ inProcess, origin, otherwise, callTag }: FetchOptions): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.startsWith(`${origin}/`)) return otherwise(input, init);
    const tag = callTag();
    const { method, headers, body, signal } = await read(input, init ?? {});
    signal?.throwIfAborted();
    // Node's own fetch names itself so.
    headers['user-agent'] ??= 'node';
    if (tag !== undefined) headers[CALL_TAG_HEADER] = tag;
    const request = { method, target: url.slice(origin.length), headers, body, ip: '127.0.0.1' };
    return new Promise((resolve, reject) => {
      const response = responseTo(url, resolve, reject);
      const leave = inProcess.send(request, tag, {
        ...response.receiver,
        whole(reply, bytes) {
          signal?.removeEventListener('abort', abort);
          response.receiver.whole(reply, bytes);
        },
      });
      response.onCancel(leave);
      const abort = (): void => {
        leave();
        response.abort(signal!.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  };
}

/** The short way for what SDKs send, a text and its headers; anything else goes through a real `Request`. */
async function read(input: Input, init: Init): Promise<Read> {
  const { body, method = 'GET', headers, signal } = init;
  const simple = !(input instanceof Request) && (body === undefined || body === null || typeof body === 'string');
  if (simple) return { method: method.toUpperCase(), headers: plain(headers), body: body ?? '', signal };
  const request = new Request(input, { ...init, ...(init.body instanceof ReadableStream && { duplex: 'half' }) });
  const text = await request.text();
  return { method: request.method, headers: plain(request.headers), body: text, signal: request.signal };
}

function plain(headers: Init['headers']): Record<string, string> {
  const lower: Record<string, string> = {};
  if (headers === undefined) return lower;
  if (typeof (headers as Iterable<[string, string]>)[Symbol.iterator] === 'function') {
    for (const [name, value] of headers as Iterable<[string, string]>) lower[name.toLowerCase()] = value;
    return lower;
  }
  for (const [name, value] of Object.entries(headers as Record<string, string>)) lower[name.toLowerCase()] = value;
  return lower;
}

export interface Pending {
  readonly receiver: Receiver;
  /** What to do when the reader of the body has had enough. */
  onCancel(leave: () => void): void;
  abort(reason: unknown): void;
}

/** Turns what the provider sends into a `Response`, or into the errors that Node's fetch gives. */
export function responseTo(
  url: string,
  resolve: (response: Response) => void,
  reject: (reason: unknown) => void,
): Pending {
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  let leave = (): void => undefined;
  const encoder = new TextEncoder();
  const fail = (before: unknown, after: unknown): void => {
    if (body) body.error(after);
    else reject(before);
  };
  return {
    onCancel(act) {
      leave = act;
    },
    abort: (reason) => fail(reason, reason),
    receiver: {
      whole: (reply, bytes) => resolve(responseOf(url, reply, bytes)),
      head(reply) {
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            body = controller;
          },
          cancel: () => leave(),
        });
        resolve(responseOf(url, reply, stream));
      },
      frame: (bytes) => body!.enqueue(encoder.encode(bytes)),
      end: () => body!.close(),
      broken() {
        const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
        fail(new TypeError('fetch failed', { cause }), new TypeError('terminated', { cause }));
      },
    },
  };
}

function responseOf(url: string, { status, headers }: Reply, body: string | ReadableStream): Response {
  const response = new Response(body as string, { status, statusText: STATUS_CODES[status] ?? '', headers });
  // A response that was made by hand has no address; clients log it.
  return Object.defineProperty(response, 'url', { value: url });
}
