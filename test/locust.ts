import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digest } from '../mock-server/digest.ts';
import { listen } from '../mock-server/listen.ts';
import { loadTokenizer } from '../mock-server/load-tokenizer.ts';
import { createProvider } from '../mock-server/provider.ts';
import type { ProviderView } from '../mock-server/reply.ts';
import type { ProviderSettings } from '../mock-server/settings.ts';
import { providerEnvironment } from '../src/client/client.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { PYTHON } from './real-parts.ts';

export interface LocustRun {
  readonly code: number | null;
  /** Standard output and standard error. */
  readonly output: string;
  /** Requests that the provider received, in order. */
  readonly requests: readonly ProviderView[];
  /** Time from the first to the last request that the provider received. */
  readonly spanS: number;
  /** Requests by name, from Locust's final table. */
  readonly counts: Readonly<Record<string, number>>;
  /** Rows of Locust's `_stats.csv` by name, each by column; they lack up to the last second. */
  readonly rows: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Runs Debian's Locust with a file against a new provider, with proxy variables that lead nowhere. */
export async function runLocust(file: string, provider: ProviderSettings, ...args: string[]): Promise<LocustRun> {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-locust-'));
  const requests: ProviderView[] = [];
  const startsUs: number[] = [];
  const server = await listen(createProvider(provider, digest, await loadTokenizer(provider)), {
    nowUs: wallClock().nowUs,
    onExchange: ({ view, startUs }) => {
      requests.push(view);
      startsUs.push(startUs);
    },
  });
  const deadProxy = { HTTP_PROXY: 'http://127.0.0.1:9', http_proxy: 'http://127.0.0.1:9', NO_PROXY: '', no_proxy: '' };
  const child = spawn(
    PYTHON,
    ['-W', 'ignore', '-m', 'locust', '--headless', '-f', file, '--csv', 'x', '--only-summary', ...args],
    {
      cwd,
      env: { ...process.env, ...providerEnvironment(server.url, provider), ...deadProxy },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  await server.close();
  const rows = rowsOf(readFileSync(join(cwd, 'x_stats.csv'), 'utf8'));
  return { code, output, requests, spanS: spanOf(startsUs), counts: countsIn(output), rows };
}

/** Returns the time from the earliest to the latest, in seconds. */
export function spanOf(timesUs: readonly number[]): number {
  const sorted = timesUs.toSorted((a, b) => a - b);
  return (sorted.at(-1)! - sorted[0]!) / 1e6;
}

function countsIn(output: string): LocustRun['counts'] {
  return Object.fromEntries(
    [...output.matchAll(/^(?:POST)? +(\S.*?) {2,}(\d+) +\d+\(/gm)].map(([, name, count]) => [name, Number(count)]),
  );
}

function rowsOf(csv: string): LocustRun['rows'] {
  const [head = [], ...rows] = csv
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));
  return Object.fromEntries(
    rows.map((row) => [row[1], Object.fromEntries(head.map((column, place) => [column, Number(row[place])]))]),
  );
}
