import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Command } from 'commander';
import type { Exchange } from '../../mock-server/exchange.ts';
import { isLoopbackHost } from '../../mock-server/guard.ts';
import { listen } from '../../mock-server/listen.ts';
import { openProvider } from '../../mock-server/open-provider.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { onSignals } from '../programs/signals.ts';
import { parseFaults, parseLimits } from '../scenario/parse-parts.ts';
import { parseBetween } from './flags.ts';
import { frontPage } from './front-page.ts';
import { addHelpFooter } from './help.ts';
import { UI_FLAG } from './live-page.ts';
import { addProviderOptions, type ProviderFlags, readProviderSettings } from './provider-flags.ts';
import { openServeLive } from './serve-live.ts';
import { type AdminAccess, createReplyCounter, formatServeIntroduction, serveJson } from './serve-messages.ts';

/** Bodies are kept in memory. */
const MAX_BODY_BYTES = 1024 ** 3;

interface ServeFlags extends ProviderFlags {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly maxBody?: number;
  readonly ui: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

export function addServeCommand(program: Command): void {
  const command = program
    .command('serve')
    .summary('run only the provider, for use with any program')
    .description('Serves a mock provider until it is interrupted, and prints the variables that point SDKs at it.');
  addProviderOptions(command, 'the provider')
    .option('-p, --port <number>', 'port to listen on; 0 for any free port', parseBetween(0, 65_535), 4010)
    .option('--host <address>', 'address to listen on; may expose the provider to the network', '127.0.0.1')
    .option(...UI_FLAG)
    .option('--max-body <bytes>', 'reply 413 to larger requests (default: 10 MiB)', parseBetween(1, MAX_BODY_BYTES))
    .option('--json', 'print address, limits and variables as JSON', false)
    .option('--token <token>', "token for the provider's admin routes (default: random if --host is not this machine)");
  addHelpFooter(command, { example: "quotalab serve --limit 'requests 5/s burst 5' --port 4010" }).action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const { nowUs } = wallClock();
  const settings = await readProviderSettings(flags);
  const provider = await openProvider(settings);
  const access = resolveAccess(flags);
  const token = typeof access === 'object' ? access.madeToken : flags.token;
  // Loaded on demand: other commands should not wait for the metrics library.
  const { createAdmin } = await import('../../mock-server/admin.ts');
  const admin = createAdmin(provider, { nowUs, parseLimits, parseFaults, ...(token !== undefined && { token }) });
  const counts = createReplyCounter(process.stderr);
  const { port, host, maxBody } = flags;
  const bounds = maxBody === undefined ? {} : { maxBodyBytes: maxBody };
  const live = flags.ui ? await openServeLive(provider, nowUs) : undefined;
  const onExchange = (exchange: Exchange): void => {
    counts.add(exchange);
    live?.add(exchange);
  };
  const server = await listen(provider, { nowUs, port, host, admin, onExchange, frontPage: describe, ...bounds });
  // Who could be another machine, or a page that has made its name point here, does not get the token.
  function describe({ headers }: IncomingMessage): string {
    const isKnown = token === undefined && isLoopbackHost(headers);
    return frontPage({ url: server.url, settings: provider.settings, live: isKnown ? live?.url : undefined });
  }
  const { promise: interrupted, resolve } = Promise.withResolvers<void>();
  // Before the address is printed: who reads it may interrupt at once.
  const stopListening = onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => resolve());
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(serveJson(server, settings, access), null, 2)}\n`
      : formatServeIntroduction(server, settings, access),
  );
  const timer = setInterval(flags.quiet ? () => undefined : counts.show, 1000);
  await interrupted;
  clearInterval(timer);
  if (!flags.quiet) counts.show();
  await live?.close();
  await server.close();
  stopListening();
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Without a token, other machines could change a provider that they can reach. */
function resolveAccess({ host, token }: ServeFlags): AdminAccess {
  if (token !== undefined) return 'given-token';
  return LOOPBACK.includes(host) ? 'open' : { madeToken: randomBytes(16).toString('hex') };
}
