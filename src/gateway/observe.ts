import { Agent, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { HOST } from './port.ts';
import { type Connection, ProxiedRequest, type ProxyOptions } from './proxied-request.ts';

export interface Observer {
  /** Address for clients, in place of the gateway's: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Stops listening, reports open requests as `open`, and closes their connections. */
  close(): Promise<void>;
}

/**
 * Starts a proxy in front of a gateway. It forwards streams, aborts and broken connections unchanged in both directions and
 * numbers each request in a header, to recognise it behind the gateway. Each client connection has its own connection to the
 * gateway, so that the gateway controls keep-alive.
 */
export async function observe(options: ProxyOptions): Promise<Observer> {
  const connections = new WeakMap<Socket, Connection>();
  const open = new Set<ProxiedRequest>();
  let lastId = 0;
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (incoming, response) => {
    const connection = connections.get(incoming.socket)!;
    connection.busy++;
    const request = new ProxiedRequest({ id: String(++lastId), incoming, response, connection }, options, () => {
      connection.busy--;
      open.delete(request);
    });
    open.add(request);
    request.start();
  });
  server.on('connection', (socket) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    connections.set(socket, { agent, upstream: new Set(), busy: 0 });
    socket.setNoDelay(true);
    socket.once('close', () => agent.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, HOST, resolve);
  });
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const request of open) request.end('open');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
