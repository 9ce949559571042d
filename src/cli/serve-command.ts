import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { digest, type Listening, listen } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { parseFaults, parseLimits } from '../scenario/parse-parts.ts';
import { atLeast, wholeNumber } from './flags.ts';
import { addProviderOptions, type ProviderFlags, providerSettings } from './provider-flags.ts';
import { createCounts, introduction } from './serve-words.ts';

interface ServeFlags extends ProviderFlags {
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly maxBody?: number;
}

export function addServeCommand(program: Command): void {
  const command = program.command('serve').summary('run the provider alone; point any program at it');
  addProviderOptions(command, 'the provider')
    .option('-p, --port <number>', 'port to listen on; 0 for any free one', portNumber, 4010)
    .option('--host <address>', 'address to listen on; others than this machine can then reach it', '127.0.0.1')
    .option('--max-body <bytes>', 'larger requests get 413 (default: 10 MiB)', atLeast(1))
    .option('--token <token>', "what the provider's own routes ask for; made up when --host is not this machine")
    .action(serve);
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('must be at most 65535');
  return port;
}

async function serve(flags: ServeFlags): Promise<void> {
  const { nowUs } = wallClock();
  const settings = await providerSettings(flags);
  const provider = createProvider(settings, digest, await loadTokenizer(settings));
  const token = tokenOf(flags);
  // Loaded here: a command that serves nothing should not wait for a library of metrics.
  const { createAdmin } = await import('../../mock-server/admin.ts');
  const admin = createAdmin(provider, { nowUs, parseLimits, parseFaults, ...(token !== undefined && { token }) });
  const counts = createCounts(process.stderr);
  const { port, host, maxBody } = flags;
  const bounds = maxBody === undefined ? {} : { maxBodyBytes: maxBody };
  const server = await listen(provider, { nowUs, port, host, admin, onExchange: counts.add, ...bounds });
  process.stdout.write(introduction(server, settings, token));
  await interrupted(server, counts.show);
}

async function interrupted(server: Listening, show: () => void): Promise<void> {
  const timer = setInterval(show, 1000);
  await new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  clearInterval(timer);
  show();
  await server.close();
}

const LOOPBACK = ['127.0.0.1', 'localhost', '::1'];

/** Whoever can reach the provider from elsewhere must not be able to change it. */
function tokenOf({ host, token }: ServeFlags): string | undefined {
  return token ?? (LOOPBACK.includes(host) ? undefined : randomBytes(16).toString('hex'));
}
