import http from 'node:http';
import type { Socket } from 'node:net';
import type { Exchange } from '../../mock-server/exchange.ts';
import { createInProcess, type Scheduler } from '../../mock-server/in-process.ts';
import { createInterceptedFetch, type FetchSender } from '../../mock-server/intercept-fetch.ts';
import { interceptSockets } from '../../mock-server/intercept-sockets.ts';
import type { Provider } from '../../mock-server/provider.ts';
import { type CallTags, tagsOf } from '../client/call-tags.ts';

/** A provider that answers in this thread, and its name if it has one. */
export interface ThreadProvider {
  readonly name: string;
  readonly provider: Provider;
}

export interface NetworkOptions {
  readonly clock: Scheduler;
  readonly onExchange: (exchange: Exchange, provider: string) => void;
  readonly tags: CallTags;
  readonly host: string;
  /** Port of the first provider; the others have the next ones. */
  readonly port: number;
  readonly fetchThrough: 'fetch' | 'socket';
}

/**
 * Connects the client's requests with the providers of this thread: `fetch`, and every connection to their addresses. Returns a
 * function that ends all open replies.
 */
export function interceptNetwork(providers: readonly ThreadProvider[], options: NetworkOptions): () => void {
  const { clock, onExchange, tags, host, port, fetchThrough } = options;
  const networks = providers.map(({ name, provider }, index) => {
    const network = createInProcess(provider, clock, (exchange) => onExchange(exchange, name));
    interceptSockets(network, { host, port: port + index, onConnect: (socket) => ownSocket(socket, tags) });
    if (fetchThrough === 'fetch') {
      globalThis.fetch = createInterceptedFetch({
        inProcess: network,
        origin: `http://${host}:${port + index}`,
        fallback: globalThis.fetch,
        sender: () => senderIn(tags),
      });
    }
    return network;
  });
  return () => {
    for (const network of networks) network.close();
  };
}

function senderIn(tags: CallTags): FetchSender | undefined {
  const context = tags.current();
  if (context === undefined) return undefined;
  const { id, replica } = context;
  return {
    callTag: id?.toString(),
    headers: tagsOf(context),
    isStopped: replica?.isStopped ?? false,
    own: (cut) => replica?.own(cut) ?? (() => undefined),
  };
}

/** A connection ends with the replica that opened it, except one of Node's own agent, which all replicas share. */
function ownSocket(socket: Socket, tags: CallTags): void {
  const replica = tags.current()?.replica;
  if (!replica) return;
  const release = replica.own(() => {
    if (!isShared(socket)) socket.destroy();
  });
  socket.once('close', release);
}

function isShared(socket: Socket): boolean {
  const { sockets, freeSockets } = http.globalAgent;
  return [sockets, freeSockets].some((pools) => Object.values(pools).some((pool) => pool?.includes(socket)));
}
