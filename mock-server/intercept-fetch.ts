import { STATUS_CODES } from 'node:http';
import type { InProcess, Receiver } from './in-process.ts';
import type { Reply } from './reply.ts';

export interface FetchOptions {
  readonly inProcess: InProcess;
  /** `http://host:port` of the provider; requests below it are answered in process. */
  readonly origin: string;
  /** Handles every other request. */
  readonly fallback: typeof fetch;
  /** Returns who sends a request in the current asynchronous context. */
  readonly sender: () => FetchSender | undefined;
}

/** The sender of a request: the call that it belongs to, and the process that makes it. */
export interface FetchSender {
  readonly callTag: string | undefined;
  /** Headers that are added to the request. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Whether the process has ended: its requests are never sent. */
  readonly isStopped: boolean;
  /** Calls `cut` when the process ends. Returns a function to call when the reply is complete. */
  own(cut: () => void): () => void;
}

type Input = Parameters<typeof fetch>[0];
type Init = NonNullable<Parameters<typeof fetch>[1]>;

/** The parts of a fetch request, with its body read. */
interface FetchRequest {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal | null | undefined;
}

/** Creates a `fetch` that answers requests to the provider in process and passes all others to `fallback`. */
export function createInterceptedFetch({ inProcess, origin, fallback, sender }: FetchOptions): typeof fetch {
  return async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    if (!url.startsWith(`${origin}/`)) return fallback(input, init);
    const from = sender();
    if (from?.isStopped) return new Promise(() => undefined);
    const { method, headers, body, signal } = await readRequest(input, init ?? {});
    signal?.throwIfAborted();
    // The default of Node's fetch.
    headers['user-agent'] ??= 'node';
    for (const [name, value] of from?.headers ?? []) headers[name] = value;
    const request = { method, target: url.slice(origin.length), headers, body, ip: '127.0.0.1' };
    return new Promise((resolve, reject) => {
      const response = createPendingResponse(url, resolve, reject);
      const { receiver } = response;
      const cancel = inProcess.send(request, from?.callTag, {
        ...receiver,
        onComplete(reply, text) {
          signal?.removeEventListener('abort', abort);
          release?.();
          receiver.onComplete(reply, text);
        },
        onEnd() {
          release?.();
          receiver.onEnd();
        },
      });
      const release = from?.own(cancel);
      response.onCancel(cancel);
      const abort = (): void => {
        cancel();
        response.abort(signal!.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  };
}

/** Fast path for what SDKs send, a string body and headers; everything else goes through a real `Request`. */
async function readRequest(input: Input, init: Init): Promise<FetchRequest> {
  const { body, method = 'GET', headers, signal } = init;
  const simple = !(input instanceof Request) && (body === undefined || body === null || typeof body === 'string');
  if (simple) return { method: method.toUpperCase(), headers: lowerCaseHeaders(headers), body: body ?? '', signal };
  const request = new Request(input, { ...init, ...(init.body instanceof ReadableStream && { duplex: 'half' }) });
  const text = await request.text();
  return { method: request.method, headers: lowerCaseHeaders(request.headers), body: text, signal: request.signal };
}

function lowerCaseHeaders(headers: Init['headers']): Record<string, string> {
  const lower: Record<string, string> = {};
  if (headers === undefined) return lower;
  if (typeof (headers as Iterable<[string, string]>)[Symbol.iterator] === 'function') {
    for (const [name, value] of headers as Iterable<[string, string]>) lower[name.toLowerCase()] = value;
    return lower;
  }
  for (const [name, value] of Object.entries(headers as Record<string, string>)) lower[name.toLowerCase()] = value;
  return lower;
}

export interface PendingResponse {
  readonly receiver: Receiver;
  /** Sets what to call when the reader cancels the body. */
  onCancel(cancel: () => void): void;
  abort(reason: unknown): void;
}

/** Turns a provider reply into a `Response`, or into the errors of Node's fetch. */
export function createPendingResponse(
  url: string,
  resolve: (response: Response) => void,
  reject: (reason: unknown) => void,
): PendingResponse {
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancel = (): void => undefined;
  const encoder = new TextEncoder();
  const fail = (before: unknown, after: unknown): void => {
    if (body) body.error(after);
    else reject(before);
  };
  return {
    onCancel(act) {
      cancel = act;
    },
    abort: (reason) => fail(reason, reason),
    receiver: {
      onComplete: (reply, text) => resolve(createResponse(url, reply, text)),
      onHead(reply) {
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            body = controller;
          },
          cancel: () => cancel(),
        });
        resolve(createResponse(url, reply, stream));
      },
      onFrame: (text) => body!.enqueue(encoder.encode(text)),
      onEnd: () => body!.close(),
      onReset() {
        const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' });
        fail(new TypeError('fetch failed', { cause }), new TypeError('terminated', { cause }));
      },
    },
  };
}

function createResponse(url: string, { status, headers }: Reply, body: string | ReadableStream): Response {
  const response = new Response(body as string, { status, statusText: STATUS_CODES[status] ?? '', headers });
  // The `Response` constructor leaves `url` empty, and clients log it.
  return Object.defineProperty(response, 'url', { value: url });
}
