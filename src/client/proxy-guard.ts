import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { HostRule } from './host-rule.ts';

export interface ProxyGuard {
  /** Variables that point programs at the proxy; requests to this machine bypass it (`NO_PROXY`). */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Starts a proxy that forwards only to allowed hosts (design §10). Most HTTP clients read proxy variables, but not Node's own
 * client (`guard-programs.ts`) nor aiohttp by default. It also replaces a proxy configured in the user's shell.
 */
export async function startProxyGuard(rule: HostRule): Promise<ProxyGuard> {
  const tunnels = new Set<Socket>();
  const isAllowed = (host: string): boolean => {
    if (rule.isAllowed(host)) return true;
    rule.report(host);
    return false;
  };
  const server = createServer((incoming, response) => forward(incoming, response, isAllowed));
  server.on('connect', ({ url = '' }, socket: Socket) => {
    const [, host = '', port] = /^\[?([^\]]*)\]?:(\d+)$/.exec(url) ?? [];
    if (!isAllowed(host)) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    for (const end of [upstream, socket]) {
      tunnels.add(end);
      end
        .on('error', () => undefined)
        .on('close', () => {
          tunnels.delete(end);
          upstream.destroy();
          socket.destroy();
        });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const names = ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);
  return {
    env: Object.fromEntries(names.map((name) => [name, url])),
    async close() {
      for (const tunnel of tunnels) tunnel.destroy();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Forwards a plain request, sent by a client that uses the proxy for every host. */
function forward(incoming: IncomingMessage, response: ServerResponse, isAllowed: (host: string) => boolean): void {
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url!) : undefined;
  if (!url || !isAllowed(url.hostname)) {
    incoming.resume();
    response.writeHead(url ? 403 : 400).end();
    return;
  }
  const { method, headers } = incoming;
  const outgoing = request(url, { method, headers: { ...headers, connection: 'close' } }, (reply) => {
    response.writeHead(reply.statusCode!, reply.headers);
    reply.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}
