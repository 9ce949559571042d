import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { digest } from '../mock-server/digest.ts';
import { listen } from '../mock-server/listen.ts';
import { createProvider } from '../mock-server/provider.ts';
import type { ProviderView } from '../mock-server/reply.ts';
import { isRejected } from '../src/analysis/run/attempts.ts';
import { computeLoadFigures } from '../src/analysis/run/by-load.ts';
import { readRun } from '../src/analysis/run/read-run.ts';
import type { Attempt, Run } from '../src/analysis/run/run-view.ts';
import { percentile } from '../src/analysis/statistics/percentile.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { readJournalRecords } from '../src/journal/journal-reader.ts';
import { loadProvider } from '../src/scenario/load-provider.ts';
import { type Ended, quotalab } from './quotalab.ts';
import { describeWith, PYTHON } from './real-parts.ts';

const folder = fileURLToPath(new URL('../scenarios/article-python/', import.meta.url));

/**
 * A third of the duration, with a long fault, so that also a client on a busy machine, which sends less, retries after many
 * faults (fixed-interval).
 */
const SHORT = settings(
  ...['provider.faults[0].at=11s', 'provider.faults[0].for=8s'],
  ...['load[0].duration=20s', 'load[1].duration=20s'],
);
/** A number of calls that does not depend on the speed of the machine: 80 for each team. */
const EIGHT_CALLS_EACH = settings(
  ...['one-key', 'three-keys'].map(
    (name, index) =>
      `load[${index}]={ name: ${name}, executor: per-vu-iterations, vus: 10, iterations: 8, maxDuration: 60s }`,
  ),
);

function limit(amount: number, window: string): string[] {
  return settings(`provider.limits[0].amount=${amount}`, `provider.limits[0].window=${window}`);
}

function settings(...all: string[]): string[] {
  return all.flatMap((setting) => ['--set', setting]);
}

const MENDED = settings('client.command=[python3, mended.py, --worker]');

/** A sleep may end a little early. */
const EARLY_S = 0.01;

interface Outcome extends Ended {
  readonly run: Run;
  readonly verdicts: Readonly<Record<string, { readonly status: string; readonly reason: string }>>;
}

async function articlePython(...args: string[]): Promise<Outcome> {
  const cwd = mkdtempSync(join(tmpdir(), 'quotalab-article-python-'));
  const ended = await quotalab(['run', 'article-python', '--no-charts', '-o', 'out', ...args], { cwd });
  const { verdicts } = JSON.parse(readFileSync(join(cwd, 'out/summary.json'), 'utf8')) as {
    verdicts: { id: string; status: string; reason: string }[];
  };
  return {
    ...ended,
    run: readRun(readJournalRecords(join(cwd, 'out/journal.jsonl')), { columnar: true }),
    verdicts: Object.fromEntries(verdicts.map((verdict) => [verdict.id, verdict])),
  };
}

/**
 * Sorted waits in seconds before each retry, of calls whose earlier attempts all match. The client waits from the head of a
 * refusal on; on a busy machine the provider notes the end of its answer later.
 */
function waitsAfter({ calls }: Run, matches: (attempt: Attempt) => boolean): number[][] {
  return [0, 1].map((retry) =>
    calls
      .filter(({ attempts }) => attempts.length > retry + 1 && attempts.slice(0, retry + 1).every(matches))
      .map(({ attempts }) => (attempts[retry + 1]!.startUs - attempts[retry]!.headersUs!) / 1e6)
      .sort((a, b) => a - b),
  );
}

describeWith(['python3-aiohttp'], 'the article’s Python client, as a worker', () => {
  it.concurrent('the verdicts report its defects', async ({ expect }) => {
    const { code, run, verdicts } = await articlePython(...SHORT, ...limit(30, '10s'));
    expect(code).toBe(99);
    expect(run.attempts.filter(({ joinedBy }) => joinedBy !== 'tag')).toEqual([]);

    // 2**attempt seconds after each 429, independent of Retry-After and of the load of this machine.
    const [first = [], second = []] = waitsAfter(run, isRejected);
    expect(first.length).toBeGreaterThan(10);
    expect(second.length).toBeGreaterThan(10);
    // A busy machine only lengthens waits, and not all of them: the shortest tell how long they were meant to be.
    expect([Math.floor(first[0]! + EARLY_S), Math.floor(second[0]! + EARLY_S)]).toEqual([1, 2]);
    expect(verdicts['ignores-retry-after']).toMatchObject({ status: 'fail' });
    expect(verdicts['retries-too-early']).toMatchObject({ status: 'fail' });
    const { status, reason } = verdicts['no-jitter']!;
    // A single run can only warn about random effects, and a busy machine spreads waits by itself.
    expect(status === 'warn' || reason.includes('late') || percentile(first, 90) > 1.05).toBe(true);

    // Any other error is retried at once: the wait is zero and does not grow.
    const [again = [], andAgain = []] = waitsAfter(run, ({ status: answered }) => answered === 500);
    expect(again.length).toBeGreaterThan(10);
    expect(Math.max(again[0]!, andAgain[0]!)).toBeLessThan(0.5);
    expect(verdicts['fixed-interval']!.status).toMatch(/warn|fail/);
    expect(verdicts['fixed-interval']!.reason).toMatch(/^After server errors/);

    // After three failures the client reports no error: the caller gets an empty result.
    expect(verdicts['swallows-rejection']).toMatchObject({ status: 'fail' });

    // Rotating User-Agents and keys do not help: all share one quota.
    const { keys, agents } = identities(run);
    expect([keys.get('one-key'), keys.get('three-keys')]).toEqual([1, 3]);
    expect(agents).toBe(3);
    const [one, three] = computeLoadFigures(run);
    expect(one!.refused).toBeGreaterThan(20);
    expect(three!.refused).toBeGreaterThan(20);
  }, 90_000);

  it.concurrent('several keys help if each has its own limit, as in a custom gateway', async ({ expect }) => {
    const { run } = await articlePython(
      ...limit(50, '1h'),
      ...settings('provider.limits[0].scope=key', 'provider.faults=[]'),
      ...EIGHT_CALLS_EACH,
    );
    // 80 calls, at most 50 of them with one key: three attempts of each of the others are refused.
    const [one, three] = computeLoadFigures(run);
    expect([one!.calls, one!.refused]).toEqual([80, 90]);
    expect([three!.calls, three!.refused]).toEqual([80, 0]);
  }, 90_000);

  it.concurrent('mended accordingly, it passes, even if the quota is smaller than it assumes', async ({ expect }) => {
    const { code, stdout, run, verdicts } = await articlePython(...SHORT, ...MENDED, ...limit(15, '5s'));
    expect(stdout).not.toContain('✗');
    expect(code).toBe(0);
    expect(verdicts['ignores-retry-after']).toMatchObject({ status: 'pass' });
    expect(run.attempts.filter(isRejected).length).toBeGreaterThan(3);
    expect(run.calls.filter(({ result }) => result === 'error')).toEqual([]);
  }, 90_000);
});

/** Number of keys by load, and of User-Agents, that the provider received. */
function identities({ calls, attempts }: Run): { keys: Map<string, number>; agents: number } {
  const byLoad = Map.groupBy(calls, ({ load }) => load ?? '');
  const keys = [...byLoad].map(([load, own]): [string, number] => [
    load,
    new Set(own.flatMap((call) => call.attempts.map(({ key }) => key))).size,
  ]);
  return { keys: new Map(keys), agents: new Set(attempts.map(({ userAgent }) => userAgent)).size };
}

function runAlone(env: Readonly<Record<string, string>>, flags: readonly string[] = []): Promise<Ended> {
  const child = spawn(PYTHON, [...flags, `${folder}client.py`], { env: { ...process.env, ...env } });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
}

/** Starts a forward proxy that counts its requests. */
async function startProxy(): Promise<{ readonly url: string; count(): number; close(): void }> {
  let forwarded = 0;
  const server = createServer((incoming, outgoing) => {
    forwarded++;
    const { method, headers } = incoming;
    incoming.pipe(
      request(incoming.url!, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, count: () => forwarded, close: () => server.closeAllConnections() };
}

describeWith(['python3-aiohttp'], 'the article’s Python client, alone', () => {
  it('makes its calls by its environment, through a pool of proxies, and counts the results', async () => {
    const provider = await loadProvider(
      `${folder}scenario.yaml`,
      { 'provider.faults': '[]', 'provider.limits': '[]' },
      1,
    );
    const views: ProviderView[] = [];
    const { nowUs } = wallClock();
    const server = await listen(createProvider(provider, digest), {
      nowUs,
      onExchange: ({ view }) => views.push(view),
    });
    const pool = [await startProxy(), await startProxy()];
    const { code, stdout, stderr } = await runAlone({
      OPENAI_BASE_URL: `${server.url}/v1`,
      OPENAI_API_KEY: 'sk-test',
      ARTICLE_PROXIES: pool.map(({ url }) => url).join(','),
    });
    for (const { close } of pool) close();
    await server.close();
    expect(code).toBe(0);
    expect(stdout).toMatch(/^160 calls by 20 users in \d+ s: 160 answered\n$/);
    expect(views.map(({ status }) => status)).toEqual(Array.from({ length: 160 }, () => 200));
    expect(new Set(views.map(({ key }) => key)).size).toBe(3);
    expect(pool.map(({ count }) => count()).every((count) => count > 0)).toBe(true);
    // The session is created outside an event loop, as in the original; aiohttp 3.8 warns about it.
    expect(stderr).toContain('should be created within an async function');
  }, 90_000);

  it('connects only to this machine, and reports a port on which nothing listens', async () => {
    const [remoteHost, remoteProxy, unusedPort] = await Promise.all([
      runAlone({ OPENAI_BASE_URL: 'https://api.openai.com/v1' }),
      runAlone({ ARTICLE_PROXIES: 'http://127.0.0.1:3128, http://192.0.2.1:3128' }),
      runAlone({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' }),
    ]);
    expect(remoteHost.stderr).toContain('only connects to this machine');
    expect(remoteProxy.stderr).toContain('http://192.0.2.1:3128');
    expect(unusedPort.stderr).toContain('nothing listens at http://127.0.0.1:9/v1');
    expect([remoteHost, remoteProxy, unusedPort].map(({ code }) => code)).toEqual([2, 2, 2]);
  });
});

describeWith(['python3-aiohttp'], 'a python3 that lacks aiohttp', () => {
  /** Python without packages: no site module, environment ignored. */
  const isolated = ['-S', '-E'];
  const unusedPort = { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' };

  it('falls back to the Python of Debian, which has it', async () => {
    const { code, stderr } = await runAlone(unusedPort, isolated);
    expect(stderr).toContain('nothing listens at http://127.0.0.1:9/v1');
    expect(code).toBe(2);
  });

  it('falls back once: if that lacks it too, it says what to install', async () => {
    const { code, stderr } = await runAlone({ ...unusedPort, ARTICLE_PYTHON: PYTHON }, isolated);
    expect(stderr).toBe('aiohttp is missing: apt-get install python3-aiohttp (or pip install aiohttp)\n');
    expect(code).toBe(2);
  });
});
