import { Socket } from 'node:net';
import { parseConnectTarget } from '../../mock-server/socket-target.ts';
import { foreignHostMessage, type HostRule, isLoopback } from './host-rule.ts';
import { guardHandles } from './native-guard.ts';

/** Error code of a blocked connection. */
export const FOREIGN_HOST = 'QUOTALAB_FOREIGN_HOST';

/**
 * Keeps the load on this machine: a connection to any other host fails with `QUOTALAB_FOREIGN_HOST` unless the user has
 * allowed the host (design §10). A client that ignores `OPENAI_BASE_URL` would otherwise send its load to the real provider.
 * Patches `Socket.connect`, which every TCP and TLS connection of Node uses and which knows names, and the handles below it,
 * which know the address that a name was resolved to: there it fails with `EACCES`, as do datagrams. `onAllowed` receives the
 * target of each allowed connection.
 */
export function guardHosts(rule: HostRule, onAllowed: (target: string) => void = () => undefined): void {
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
    const target = parseConnectTarget(args);
    const host = target?.host;
    if (host !== undefined && !rule.isAllowed(host)) {
      rule.report(host);
      return this.destroy(Object.assign(new Error(foreignHostMessage(host)), { code: FOREIGN_HOST }));
    }
    onAllowed(target ? `${target.host}:${target.port}` : 'a local socket');
    if (host !== undefined && !isLoopback(host)) this.on('connectionAttempt', rule.allow);
    return Reflect.apply(connect, this, args) as Socket;
  } as typeof connect;
  guardHandles(rule, onAllowed);
}
