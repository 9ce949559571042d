/** Runs systems of Failover Bench with its own runner against `scenarios/failover-bench`. */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Admin } from '../mock-server/admin.ts';
import { listen, type ProviderServer } from '../mock-server/listen.ts';
import { openProvider } from '../mock-server/open-provider.ts';
import type { Provider } from '../mock-server/provider.ts';
import type { ProviderView } from '../mock-server/reply.ts';
import { wallClock } from '../src/clock/wall-clock.ts';
import { loadProvider } from '../src/scenario/load-provider.ts';

const SCENARIO = fileURLToPath(new URL('../scenarios/failover-bench/scenario.yaml', import.meta.url));
/** Debian's Python, which finds Debian's httpx and yaml. */
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
/** The timings of the bench's profile `full` that its runner reads; the scenario has the same. */
const TIMING = { flap_down_s: 60 };

const COUNTED = ['pass', 'partial', 'safe', 'fail'] as const;

/** The result of one system: how many of the sixteen scenarios passed, and each of them. */
export interface BenchRow {
  readonly system: string;
  /** As the bench prints it: `pass/partial/safe/fail`. */
  readonly counts: string;
  readonly seconds: number;
  readonly cells: readonly BenchCell[];
}

export interface BenchCell {
  readonly id: string;
  readonly verdict: string;
  readonly reason: string;
}

/** The part of the runner's result file that is read here. */
interface BenchResult {
  readonly summary: Readonly<Record<(typeof COUNTED)[number], number>>;
  readonly run_seconds: number;
  readonly scenarios: readonly BenchCell[];
}

export interface BenchOptions {
  /** The folder of the bench's sources. */
  readonly path: string;
  /** A file in its folder `systems`, without `.yaml`. */
  readonly system: string;
  /** IDs of scenarios; default: all. */
  readonly only?: readonly string[];
  /** Receives each line of the runner. */
  readonly print: (line: string) => void;
}

/** Runs one system through the bench, in real time, on a provider of its own. Throws if the runner fails. */
export async function runBenchSystem({ path, system, only = [], print }: BenchOptions): Promise<BenchRow> {
  const server = await startWall(await readAnswer(path));
  try {
    const out = mkdtempSync(join(tmpdir(), 'quotalab-failover-bench-'));
    const args = ['--system', `systems/${system}.yaml`, '--wall', server.url, '--profile', 'full', '--out', out];
    await runPython(path, ['-m', 'failoverbench', 'run', ...args, '--only', only.join(',')], print);
    const result = JSON.parse(readFileSync(join(out, 'full', `${system}.json`), 'utf8')) as BenchResult;
    const counts = COUNTED.map((name) => result.summary[name]).join('/');
    return { system, counts, seconds: result.run_seconds, cells: result.scenarios };
  } finally {
    await server.close();
  }
}

/** The bench compares answers with a text of its own, which is read from its sources. */
async function readAnswer(path: string): Promise<string> {
  const program = 'import failoverbench; print(failoverbench.CANONICAL_ANSWER)';
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', program], { cwd: path });
  return stdout.trim();
}

function runPython(cwd: string, args: readonly string[], print: (line: string) => void): Promise<void> {
  const env = { ...process.env, NO_PROXY: '127.0.0.1', no_proxy: '127.0.0.1' };
  const child = spawn(PYTHON, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface({ input: child.stdout }).on('line', print);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`the runner ended with code ${code}`))));
  });
}

/** Starts the provider of the scenario with the bench's answer and its control routes. */
async function startWall(answer: string): Promise<ProviderServer> {
  const { nowUs } = wallClock();
  const provider = await openProvider(await loadProvider(SCENARIO, { 'provider.answer.otherwise.fixed': answer }, 1));
  const { admin, onDecided } = createControl(provider, nowUs);
  return listen(provider, { nowUs, admin, onDecided: (_request, view) => onDecided(view) });
}

/** The routes through which the bench's runner resets its provider and reads the requests of a scenario. */
function createControl(provider: Provider, nowUs: () => number): { admin: Admin; onDecided(view: ProviderView): void } {
  const log: object[] = [];
  const attempts = new Map<string, number>();
  let resetUs = nowUs();
  const seconds = (): number => (nowUs() - resetUs) / 1e6;
  const reset = (): void => {
    resetUs = nowUs();
    provider.reset(resetUs);
    log.length = 0;
    attempts.clear();
  };
  const handle = ({ url = '' }: IncomingMessage, response: ServerResponse): void => {
    if (url === '/control/reset') reset();
    const body = { ok: true, wall: 'quotalab', t: seconds(), timing: TIMING, ...(url === '/control/log' && { log }) };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  return {
    admin: { owns: (target) => target.startsWith('/control/'), handle, add: () => undefined },
    onDecided(view) {
      const { model = '', promptTokens } = view;
      const attempt = (attempts.get(model) ?? 0) + 1;
      attempts.set(model, attempt);
      log.push({ t: seconds(), model, attempt, prompt_tokens: promptTokens, action: describeReply(view) });
    },
  };
}

/** The runner looks for actions that begin with `200` or `400 prefill`. */
function describeReply({ status, errorCode, fault }: ProviderView): string {
  if (status === 0) return fault ?? 'no reply';
  if (errorCode === 'invalid_prefill') return '400 prefill';
  return [status, errorCode ?? fault].filter((part) => part !== undefined).join(' ');
}
