import { connect, createServer } from 'node:net';
import { processes, procNames, procTarget, procText } from '../programs/proc.ts';

export const HOST = '127.0.0.1';

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Whether a connection is accepted. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/**
 * Processes that were started in this folder and hold a listening socket on a port. A server that has gone into the
 * background has left its group, and nginx overwrites the environment by which others are found; what it listens on it
 * cannot hide. None where there is no /proc.
 */
export function listenersOn(port: number, folder: string): number[] {
  const sockets = new Set(['net/tcp', 'net/tcp6'].flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return [];
  const isOurs = (fd: string): boolean => sockets.has(procTarget(fd) ?? '');
  return processes()
    .filter((pid) => procTarget(`${pid}/cwd`) === folder)
    .filter((pid) => procNames(`${pid}/fd`).some((fd) => isOurs(`${pid}/fd/${fd}`)));
}

const LISTEN = '0A';

/** Links of the sockets that listen on this port: `socket:[12345]`. Columns as in proc(5). */
function listeningSockets(table: string, port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return procText(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(local) && columns[3] === LISTEN)
    .map((columns) => `socket:[${columns[9]}]`);
}
