import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';

/** A created but unsent request of undici (the npm package or Node's fetch) or of node:http. */
interface MadeRequest {
  /** True if the headers were given as a list or with `expect`: such a request cannot be tagged. */
  readonly headersSent?: boolean;
  addHeader?(name: string, value: string): void;
  setHeader?(name: string, value: string): void;
}

export interface CallTags {
  run<Result>(callId: number, body: () => Result): Result;
  /** Returns the call of the current asynchronous context. */
  current(): TaggedCall | undefined;
}

/** An open call, and its random number generator if one is set. */
export interface TaggedCall {
  readonly id: number;
  draw?: () => number;
}

/**
 * Tags requests with the id of their call, without changing the client: Node's diagnostics channels report every request of
 * fetch, undici and node:http in the asynchronous context that made it, and the id is added as a header. A client that
 * loses this context (a queue shared by calls, a custom event emitter) sends no tag.
 */
export function callTags(): CallTags {
  const current = new AsyncLocalStorage<TaggedCall>();
  const tag = (message: unknown): void => {
    const call = current.getStore();
    if (call === undefined) return;
    const { request } = message as { request: MadeRequest };
    if (request.addHeader) request.addHeader(CALL_TAG_HEADER, String(call.id));
    else if (!request.headersSent) request.setHeader?.(CALL_TAG_HEADER, String(call.id));
  };
  subscribe('undici:request:create', tag);
  subscribe('http.client.request.created', tag);
  return { run: (id, body) => current.run({ id }, body), current: () => current.getStore() };
}
