import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { CALL_TAG_HEADER } from '../../mock-server/provider-view.ts';

/** A request of undici (the npm package or the one inside Node's fetch) or of node:http, just made and not yet sent. */
interface MadeRequest {
  /** Node has stored the head already when headers came as a list, or with `expect`: such a request goes untagged. */
  readonly headersSent?: boolean;
  addHeader?(name: string, value: string): void;
  setHeader?(name: string, value: string): void;
}

export interface CallTags {
  run<Result>(callId: number, body: () => Result): Result;
  /** The call of this asynchronous context. */
  current(): TaggedCall | undefined;
}

/** A call under way, and what it draws random numbers from where somebody has set that. */
export interface TaggedCall {
  readonly id: number;
  draw?: () => number;
}

/**
 * Joins attempts to calls without touching the client: Node tells of every request that fetch, undici and node:http
 * make, in the asynchronous context that made it, and the call's id goes out as a header. A client that loses that
 * context (a queue shared by calls, a hand-made event emitter) sends no tag, and its attempts say so.
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
