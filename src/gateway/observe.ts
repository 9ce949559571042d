import { Agent, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type Connection, Passage, type PassageOptions } from './passage.ts';
import { HOST } from './port.ts';

export interface Observer {
  /** What clients are pointed at in the gateway's place: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Stops listening and cuts what is still open, which is told as `open` first. */
  close(): Promise<void>;
}

/**
 * Stands in front of a gateway and passes everything on as it comes, streams, aborts and broken connections both ways; each
 * request gets a number in a header, by which it is known again behind the gateway. Each connection of a client has one of
 * its own to the gateway, so that keep-alive and its ends are the gateway's.
 */
export async function observe(options: PassageOptions): Promise<Observer> {
  const connections = new WeakMap<Socket, Connection>();
  const passing = new Set<Passage>();
  let lastId = 0;
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (asked, answer) => {
    const connection = connections.get(asked.socket)!;
    connection.busy++;
    const passage = new Passage({ id: String(++lastId), asked, answer, connection }, options, () => {
      connection.busy--;
      passing.delete(passage);
    });
    passing.add(passage);
    passage.start();
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
      for (const passage of passing) passage.end('open');
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
