import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { guardHosts } from './host-guard.ts';
import { createHostRule } from './host-rule.ts';
import { guardQueries, nativeModule } from './native-guard.ts';

/** What the guard of a client hands on to the threads and programs that the client starts. */
export interface GuardSettings {
  readonly allowHosts: readonly string[];
  /** Variables that point programs without this guard at the proxy (`proxy-guard.ts`). */
  readonly proxyEnv: Readonly<Record<string, string>>;
}

/** Has the settings as JSON; its presence makes `preload-guard.cts` guard a thread or program of Node. */
const SETTINGS_VARIABLE = 'QUOTALAB_GUARD';

/** Loaded with `--require`, which every version of Node knows, before a thread's or program's own code. */
const PRELOADED = fileURLToPath(new URL(`./preload-guard.c${extname(import.meta.url).slice(1)}`, import.meta.url));

/**
 * Guards this thread against foreign hosts, and hands the guard on: to its worker threads, to programs of Node (`NODE_OPTIONS`),
 * and, as proxy variables, to other programs.
 */
export function guardThread(settings: GuardSettings): void {
  const rule = createHostRule(settings.allowHosts);
  process.env[SETTINGS_VARIABLE] = JSON.stringify(settings);
  guardHosts(rule);
  guardQueries(rule);
  guardThreads(settings);
  guardChildren(settings);
  syncBuiltinESMExports();
}

/** Guards this thread if its environment asks for it. */
export function guardFromEnvironment(): void {
  const text = process.env[SETTINGS_VARIABLE];
  if (text !== undefined) guardThread(JSON.parse(text) as GuardSettings);
}

/** Returns the variables that guard a program. `nodeOptions`: its `NODE_OPTIONS`, which are kept. */
export function guardVariables(settings: GuardSettings, nodeOptions = ''): Record<string, string> {
  const preload = `--require ${JSON.stringify(PRELOADED)}`;
  const others = nodeOptions.includes(preload) ? nodeOptions : `${nodeOptions} ${preload}`.trim();
  return { ...settings.proxyEnv, NODE_OPTIONS: others, [SETTINGS_VARIABLE]: JSON.stringify(settings) };
}

function guardThreads(settings: GuardSettings): void {
  workerThreads.Worker = new Proxy(workerThreads.Worker, {
    construct(target, [file, options = {}]: [string | URL, WorkerOptions?], newTarget) {
      const { env } = options;
      const guardedEnv = typeof env === 'object' ? { ...env, [SETTINGS_VARIABLE]: JSON.stringify(settings) } : env;
      const start = (execArgv: readonly string[]): object => {
        const own = { ...options, env: guardedEnv, execArgv: [...execArgv, '--require', PRELOADED] };
        return Reflect.construct(target, [file, own], newTarget) as object;
      };
      if (options.execArgv) return start(options.execArgv);
      try {
        return start(process.execArgv);
      } catch (error) {
        // Options of the process as a whole, which a thread inherits but must not name.
        if ((error as { code?: string }).code !== 'ERR_WORKER_INVALID_EXEC_ARGV') throw error;
        return start([]);
      }
    },
  });
}

/** The options of a program as Node's own code gives them to the system; without `envPairs` the environment is inherited. */
interface SpawnOptions {
  envPairs?: readonly string[];
}

function guardChildren(settings: GuardSettings): void {
  const guarded = (options: SpawnOptions): SpawnOptions => {
    const inherited = Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
    const pairs = options.envPairs ?? inherited;
    const nodeOptions = pairs.find((pair) => pair.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length);
    const added = Object.entries(guardVariables(settings, nodeOptions));
    const isReplaced = (pair: string): boolean => added.some(([name]) => pair.startsWith(`${name}=`));
    options.envPairs = [
      ...pairs.filter((pair) => !isReplaced(pair)),
      ...added.map(([name, value]) => `${name}=${value}`),
    ];
    return options;
  };
  const { prototype } = childProcess.ChildProcess as unknown as { prototype: { spawn: Spawn } };
  // What asynchronous and synchronous starts come to.
  for (const owner of [prototype, nativeModule('spawn_sync') as { spawn: Spawn } | undefined]) {
    if (!owner) continue;
    const { spawn } = owner;
    owner.spawn = function spawnGuarded(this: unknown, options) {
      return spawn.call(this, guarded(options));
    };
  }
}

type Spawn = (this: unknown, options: SpawnOptions) => unknown;
