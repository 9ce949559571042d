import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { parse } from 'yaml';
import type { Limit } from '../../mock-server/admission/limit.ts';
import { digest, type Listening, listen } from '../../mock-server/listen.ts';
import { loadTokenizer } from '../../mock-server/load-tokenizer.ts';
import { createProvider } from '../../mock-server/provider.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { loadProvider } from '../scenario/load-provider.ts';
import { parseFaults, parseLimits } from '../scenario/parse-parts.ts';
import { findScenario } from './find-scenario.ts';
import { atLeast, collectSetting, wholeNumber } from './flags.ts';
import { createCounts, introduction } from './serve-words.ts';

interface ServeFlags {
  readonly dialect?: string;
  readonly limit: Limit[];
  readonly fault: string[];
  readonly scenario?: string;
  readonly port: number;
  readonly host: string;
  readonly token?: string;
  readonly maxBody?: number;
  readonly retryAfter?: string;
  readonly firstToken?: string;
  readonly perToken?: string;
  readonly set: Record<string, string>;
  readonly seed: number;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .summary('run the provider alone; point any program at it')
    .option('-d, --dialect <name>', 'openai, azure, anthropic or gemini')
    .option(
      '-l, --limit <limit>',
      "e.g. 'requests 5/s burst 5', 'tokens 90k/min per key' or the name of a profile; again for more",
      collectLimit,
      [],
    )
    .option('-f, --fault <fault>', "e.g. '{ kind: reset, rate: 5% }'; again for more", collectText, [])
    .option('-s, --scenario <file>', 'take the provider of a scenario; --limit adds to it, all else replaces')
    .option('-p, --port <number>', 'port to listen on; 0 for any free one', portNumber, 4010)
    .option('--host <address>', 'address to listen on; others than this machine can then reach it', '127.0.0.1')
    .option('--max-body <bytes>', 'larger requests get 413 (default: 10 MiB)', atLeast(1))
    .option('--token <token>', "what the provider's own routes ask for; made up when --host is not this machine")
    .option(
      '--retry-after <policy>',
      'next-token, ceil-seconds, window-end, slot, spread, none, http-date or past-date',
    )
    .option('--first-token <duration>', 'time to the first token, e.g. 300ms')
    .option('--per-token <duration>', 'time for each further token, e.g. 12ms')
    .option(
      '--set <path=value>',
      "any other setting of `provider:`, e.g. 'answer=echo'; again for more",
      collectSetting,
      {},
    )
    .option('--seed <number>', 'everything random follows from it', wholeNumber, 1)
    .action(serve);
}

function collectLimit(line: string, before: Limit[]): Limit[] {
  return [...before, ...parseLimitLine(line)];
}

function collectText(text: string, before: string[]): string[] {
  return [...before, text];
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('must be at most 65535');
  return port;
}

async function serve(flags: ServeFlags): Promise<void> {
  const { nowUs } = wallClock();
  const settings = await settingsOf(flags);
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

async function settingsOf(flags: ServeFlags): Promise<ProviderSettings> {
  const { scenario, limit, seed } = flags;
  const file = scenario === undefined ? undefined : findScenario(scenario);
  const settings = await loadProvider(file, overridesOf(flags), seed);
  return { ...settings, limits: [...settings.limits, ...limit] };
}

/** Flags as settings by their paths. Somebody who looks at a provider by hand wants true counts of tokens. */
function overridesOf({ dialect, fault, retryAfter, firstToken, perToken, set, scenario }: ServeFlags) {
  const given: Readonly<Record<string, string | undefined>> = {
    tokenizer: scenario === undefined ? 'o200k_base' : undefined,
    dialect,
    retryAfter,
    'latency.firstToken': firstToken,
    'latency.perToken': perToken,
    faults: fault.length === 0 ? undefined : JSON.stringify(fault.map((text) => parse(text))),
    ...set,
  };
  const overrides: Record<string, string> = {};
  for (const [path, value] of Object.entries(given)) if (value !== undefined) overrides[`provider.${path}`] = value;
  return overrides;
}
