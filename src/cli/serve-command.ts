import { type Command, InvalidArgumentError } from 'commander';
import type { Limit } from '../../mock-server/admission/limit.ts';
import type { Exchange } from '../../mock-server/exchange.ts';
import { digest, type Listening, listen } from '../../mock-server/listen.ts';
import { createProvider } from '../../mock-server/provider.ts';
import type { ProviderSettings } from '../../mock-server/settings.ts';
import { wallClock } from '../clock/wall-clock.ts';
import { describeLimit } from '../report/describe-limit.ts';
import { parseLimitLine } from '../scenario/limit-line.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { resolveProvider } from '../scenario/resolve-provider.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { findScenario } from './find-scenario.ts';
import { wholeNumber } from './flags.ts';

interface ServeFlags {
  readonly port: number;
  readonly limit: Limit[];
  readonly scenario?: string;
  readonly retryAfter?: string;
  readonly firstToken?: string;
  readonly perToken?: string;
  readonly seed: number;
}

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .summary('run the provider alone; point any program at it')
    .option(
      '-l, --limit <limit>',
      "e.g. 'requests 5/s burst 5' or 'tokens 90k/min per key'; again for more",
      collectLimit,
      [],
    )
    .option('-s, --scenario <file>', 'take the provider of a scenario; --limit adds to it')
    .option('-p, --port <number>', 'port on 127.0.0.1; 0 for any free one', portNumber, 4010)
    .option('--retry-after <policy>', 'next-token, ceil-seconds, window-end, slot, spread, none or http-date')
    .option('--first-token <duration>', 'time to the first token, e.g. 300ms')
    .option('--per-token <duration>', 'time for each further token, e.g. 12ms')
    .option('--seed <number>', 'everything random follows from it', wholeNumber, 1)
    .action(serve);
}

function collectLimit(line: string, before: Limit[]): Limit[] {
  return [...before, parseLimitLine(line)];
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port > 65_535) throw new InvalidArgumentError('must be at most 65535');
  return port;
}

async function serve(flags: ServeFlags): Promise<void> {
  const settings = await settingsOf(flags);
  const counts = createCounts();
  const server = await listen(createProvider(settings, digest), {
    nowUs: wallClock().nowUs,
    port: flags.port,
    onExchange: counts.add,
  });
  process.stdout.write(introduction(server, settings));
  const timer = setInterval(counts.show, 1000);
  const interrupted = new Promise((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await interrupted;
  clearInterval(timer);
  counts.show();
  await server.close();
}

async function settingsOf(flags: ServeFlags): Promise<ProviderSettings> {
  const latency = {
    ...(flags.firstToken !== undefined && { firstToken: flags.firstToken }),
    ...(flags.perToken !== undefined && { perToken: flags.perToken }),
  };
  const raw = { latency, ...(flags.retryAfter !== undefined && { retryAfter: flags.retryAfter }) };
  const own = resolveProvider(raw as NonNullable<ScenarioInput['provider']>, flags.seed);
  if (flags.scenario === undefined) return { ...own, limits: flags.limit };
  const { provider } = await loadScenario(findScenario(flags.scenario));
  return {
    ...provider,
    seed: flags.seed,
    limits: [...provider.limits, ...flags.limit],
    ...(flags.retryAfter !== undefined && { retryAfter: own.retryAfter }),
    latency: {
      firstToken: flags.firstToken === undefined ? provider.latency.firstToken : own.latency.firstToken,
      perToken: flags.perToken === undefined ? provider.latency.perToken : own.latency.perToken,
    },
  };
}

function introduction({ url }: Listening, { limits }: ProviderSettings): string {
  const metered = limits.length === 0 ? ['no limits; add some with --limit'] : limits.map(describeLimit);
  return [
    `OpenAI mock at ${url}/v1`,
    ...metered.map((line) => `  ${line}`),
    '',
    `export OPENAI_BASE_URL=${url}/v1`,
    'export OPENAI_API_KEY=sk-any',
    '',
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** Counts what was served and tells it on stderr when it has changed. */
function createCounts(): { add(exchange: Exchange): void; show(): void } {
  const counts = { admitted: 0, refused: 0, other: 0, aborted: 0 };
  let told = '';
  return {
    add({ sight, outcome }) {
      if (outcome !== 'response') counts.aborted++;
      else if (sight.status === 429) counts.refused++;
      else if (sight.status < 300) counts.admitted++;
      else counts.other++;
    },
    show() {
      const { admitted, refused, other, aborted } = counts;
      const text = `${admitted} admitted, ${refused} refused (429), ${other} other answers, ${aborted} cut off`;
      if (text === told || admitted + refused + other + aborted === 0) return;
      process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
      told = text;
    },
  };
}
