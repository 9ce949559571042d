import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { isLoopback, refusal } from './host-guard.ts';

export interface ProxyGuard {
  /** Variables by which programs find the proxy; what goes to this machine goes past it (`NO_PROXY`). */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/**
 * Keeps the load of a program on this machine, as far as one can from outside: most HTTP clients, though not Node's own nor
 * aiohttp by itself, read proxy variables, and these name a proxy that lets nothing through but to allowed hosts (design
 * §10). It also takes the place of any proxy that the user's own shell names.
 */
export async function startProxyGuard(
  allowHosts: readonly string[],
  print: (text: string) => void,
): Promise<ProxyGuard> {
  const told = new Set<string>();
  const tunnels = new Set<Socket>();
  const isAllowed = (host: string): boolean => {
    if (isLoopback(host) || allowHosts.includes(host)) return true;
    if (!told.has(host)) print(`quotalab: ${refusal(host)}\n`);
    told.add(host);
    return false;
  };
  const server = createServer((asked, answer) => forward(asked, answer, isAllowed));
  server.on('connect', ({ url = '' }, socket: Socket) => {
    const [, host = '', port] = /^\[?([^\]]*)\]?:(\d+)$/.exec(url) ?? [];
    if (!isAllowed(host)) {
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const far = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      far.pipe(socket).pipe(far);
    });
    for (const end of [far, socket]) {
      tunnels.add(end);
      end
        .on('error', () => undefined)
        .on('close', () => {
          tunnels.delete(end);
          far.destroy();
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

/** A plain request, from a client that asks the proxy for everything. */
function forward(asked: IncomingMessage, answer: ServerResponse, isAllowed: (host: string) => boolean): void {
  const url = URL.canParse(asked.url ?? '') ? new URL(asked.url!) : undefined;
  if (!url || !isAllowed(url.hostname)) {
    asked.resume();
    answer.writeHead(url ? 403 : 400).end();
    return;
  }
  const { method, headers } = asked;
  const onward = request(url, { method, headers: { ...headers, connection: 'close' } }, (reply) => {
    answer.writeHead(reply.statusCode!, reply.headers);
    reply.pipe(answer);
  });
  onward.on('error', () => answer.destroy());
  answer.on('close', () => onward.destroy());
  asked.pipe(onward);
}
