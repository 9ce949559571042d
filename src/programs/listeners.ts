import { listProc, listProcesses, readProc, readProcLink } from './proc.ts';

/**
 * Returns the processes with this working folder that listen on a port. Finds background servers, which have left their
 * process group, and nginx, which overwrites the environment variable that marks other processes. Empty without /proc.
 */
export function findListeners(port: number, folder: string): number[] {
  const sockets = new Set(['net/tcp', 'net/tcp6'].flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return [];
  const isOurs = (fd: string): boolean => sockets.has(readProcLink(fd) ?? '');
  return listProcesses()
    .filter((pid) => readProcLink(`${pid}/cwd`) === folder)
    .filter((pid) => listProc(`${pid}/fd`).some((fd) => isOurs(`${pid}/fd/${fd}`)));
}

const LISTEN = '0A';

/** Returns the links of sockets that listen on this port: `socket:[12345]`. Columns as in proc(5). */
function listeningSockets(table: string, port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readProc(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(local) && columns[3] === LISTEN)
    .map((columns) => `socket:[${columns[9]}]`);
}
