import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Closes each connection on which nothing was asked for `idleMs`, as load balancers do without a word. A request that is sent at
 * that moment meets a closed connection.
 */
export function closeIdleConnections(server: Server, idleMs: number): void {
  const timers = new WeakMap<Socket, NodeJS.Timeout>();
  const wait = (socket: Socket): void => {
    clearTimeout(timers.get(socket));
    if (!socket.destroyed) timers.set(socket, setTimeout(() => socket.destroy(), idleMs).unref());
  };
  server.on('connection', (socket) => {
    wait(socket);
    socket.once('close', () => clearTimeout(timers.get(socket)));
  });
  server.on('request', ({ socket }, response) => {
    clearTimeout(timers.get(socket));
    response.once('close', () => wait(socket));
  });
}
