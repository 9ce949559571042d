import { Socket } from 'node:net';
import { parseConnectTarget } from '../../mock-server/socket-target.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Error code of a blocked connection. */
export const FOREIGN_HOST = 'QUOTALAB_FOREIGN_HOST';

/**
 * Keeps the load on this machine: a connection to any other host fails with `QUOTALAB_FOREIGN_HOST` unless the user has
 * allowed the host (design §10). A client that ignores `OPENAI_BASE_URL` would otherwise send its load to the real provider.
 * Patches `Socket.connect`, which every TCP and TLS connection of Node uses. `onAllowed` receives the target of each
 * allowed connection.
 */
export function guardHosts(allowHosts: readonly string[], onAllowed?: (target: string) => void): void {
  const connect = Socket.prototype.connect;
  const reported = new Set<string>();
  Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
    const target = parseConnectTarget(args);
    const host = target?.host;
    if (host === undefined || isLoopback(host) || allowHosts.includes(host)) {
      onAllowed?.(target ? `${target.host}:${target.port}` : 'a local socket');
      return Reflect.apply(connect, this, args) as Socket;
    }
    const error = Object.assign(new Error(foreignHostMessage(host)), { code: FOREIGN_HOST });
    if (!reported.has(host)) process.stderr.write(`quotalab: ${error.message}\n`);
    reported.add(host);
    return this.destroy(error);
  } as typeof connect;
}

/** The error message for a host that is neither this machine nor allowed by the user. */
export function foreignHostMessage(host: string): string {
  return `the client tried to reach ${host}, which is not this machine; does it read OPENAI_BASE_URL? (--allow-host ${host} allows it)`;
}
