import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { CALL_TAG_HEADER, REPLICA_HEADER } from '../../mock-server/provider-view.ts';
import type { Replica } from './replica.ts';

/** A created but unsent request of undici (the npm package or Node's fetch) or of node:http. */
interface MadeRequest {
  /** True if the headers were given as a list or with `expect`: such a request cannot be tagged. */
  readonly headersSent?: boolean;
  addHeader?(name: string, value: string): void;
  setHeader?(name: string, value: string): void;
  /** Requests of node:http. */
  destroy?(): void;
  once?(event: 'close', act: () => void): void;
}

export interface CallTags {
  /** Runs code for a call, of a replica if the thread has several. */
  run<Result>(callId: number, body: () => Result, replica?: Replica): Result;
  /** Runs code of a replica that belongs to no call, such as its import. */
  runIn<Result>(replica: Replica, body: () => Result): Result;
  /** Returns the call of the current asynchronous context. */
  current(): TaggedCall | undefined;
}

/** An open call, and its random number generator if one is set. `id` is absent for code of a replica outside calls. */
export interface TaggedCall {
  readonly id?: number;
  readonly replica?: Replica | undefined;
  draw?: () => number;
}

/**
 * Tags requests with the id of their call and the name of their replica, without changing the client: Node's diagnostics
 * channels report every request of fetch, undici and node:http in the asynchronous context that made it, and the tags are
 * added as headers. A client that loses this context (a queue shared by calls, a custom event emitter) sends no tag.
 */
export function callTags(): CallTags {
  const current = new AsyncLocalStorage<TaggedCall>();
  const tag = (message: unknown): void => {
    const context = current.getStore();
    if (context === undefined) return;
    const { request } = message as { request: MadeRequest };
    for (const [name, value] of tagsOf(context)) {
      if (request.addHeader) request.addHeader(name, value);
      else if (!request.headersSent) request.setHeader?.(name, value);
    }
    if (context.replica && request.destroy && request.once) {
      const { destroy } = request;
      request.once('close', context.replica.own(destroy.bind(request)));
    }
  };
  subscribe('undici:request:create', tag);
  subscribe('http.client.request.created', tag);
  return {
    run: (id, body, replica) => current.run({ id, replica }, body),
    runIn: (replica, body) => current.run({ replica, draw: replica.draw }, body),
    current: () => current.getStore(),
  };
}

/** The headers of a request that was made in a context. */
export function tagsOf({ id, replica }: TaggedCall): [name: string, value: string][] {
  return [
    ...(id === undefined ? [] : [[CALL_TAG_HEADER, String(id)] as [string, string]]),
    ...(replica === undefined ? [] : [[REPLICA_HEADER, replica.name] as [string, string]]),
  ];
}
