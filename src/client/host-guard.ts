import { Socket } from 'node:net';
import { targetOf } from '../../mock-server/socket-target.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}
/** The code of a connection that was not let through. */
export const FOREIGN_HOST = 'QUOTALAB_FOREIGN_HOST';

/**
 * Keeps the load on this machine: a connection to any other host fails with `QUOTALAB_FOREIGN_HOST` unless the user has
 * named the host (design §10). A client that overlooks `OPENAI_BASE_URL` would else send its load to the real provider.
 * Every TCP and TLS connection of Node goes through `Socket.connect`, so that is where the guard stands. `onAllowed` is
 * told where each connection goes that is let through.
 */
export function guardHosts(allowHosts: readonly string[], onAllowed?: (target: string) => void): void {
  const connect = Socket.prototype.connect;
  const told = new Set<string>();
  Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
    const target = targetOf(args);
    const host = target?.host;
    if (host === undefined || isLoopback(host) || allowHosts.includes(host)) {
      onAllowed?.(target ? `${target.host}:${target.port}` : 'a local socket');
      return Reflect.apply(connect, this, args) as Socket;
    }
    const error = Object.assign(new Error(refusal(host)), { code: FOREIGN_HOST });
    if (!told.has(host)) process.stderr.write(`quotalab: ${error.message}\n`);
    told.add(host);
    return this.destroy(error);
  } as typeof connect;
}

/** What is said of a host that is not this machine and was not named by the user. */
export function refusal(host: string): string {
  return `the client tried to reach ${host}, which is not this machine; does it read OPENAI_BASE_URL? (--allow-host ${host} lets it)`;
}
