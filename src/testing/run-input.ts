import { fileURLToPath } from 'node:url';
import type { Problem } from '../../mock-server/error.ts';
import { fileProblems, toPath } from '../experiment/input-file.ts';
import type { ClientInput, ScenarioInput } from '../scenario/schema.ts';
import { unknownName } from '../scenario/suggest-name.ts';

type ProviderInput = NonNullable<ScenarioInput['provider']>;
type LimitsInput = NonNullable<ProviderInput['limits']>;
type LimitInput = Exclude<LimitsInput, string>[number];
type ExecutorInput = NonNullable<ScenarioInput['load']>[number];

/** The input of a run in a test: the keys of a scenario file, with shortcuts for the common ones. */
export interface VirtualRunInput extends Omit<ScenarioInput, '$schema' | 'name' | 'time' | 'client' | 'load'> {
  readonly name?: string;
  /** Path or URL of the module whose default export makes one call. Relative paths start at the test file. */
  readonly client: string | URL;
  /** Environment variables of the client. */
  readonly env?: NonNullable<ClientInput['env']>;
  /** One executor, or several that run side by side. */
  readonly load: ExecutorInput | ExecutorInput[];
  /** Shortcut for `provider.limits`. */
  readonly limits?: LimitInput | LimitsInput;
  /** Start of virtual time. Default: 2026-01-01T00:00:00Z. */
  readonly startAt?: string;
}

/** A scenario file as input, as for `quotalab run`. */
export interface ScenarioFileInput {
  /** Path or URL of a YAML file or of a module. */
  readonly scenario: string | URL;
  readonly seed?: number;
  /** Overrides by path like `--set`, e.g. `{ 'load[0].vus': 5 }`. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
}

/** An input in the form of a scenario file, its problems, and the mapping of scenario paths to input paths. */
export interface ParsedInput {
  readonly raw: ScenarioInput;
  readonly problems: readonly Problem[];
  toInputPath(path: string): string;
}

const CLIENT_HINT = "client: new URL('./client.ts', import.meta.url), a module with the client as its default export";

/** Parses the input of a test. Relative paths start at `folder`. */
export function parseInput(input: VirtualRunInput, folder: string): ParsedInput {
  const { client, env, load, limits, startAt, provider, ...rest } = input;
  const problems = [...clientProblems(client), ...duplicateLimits(input), ...unknownKeys(input)];
  const module = problems.some(({ path }) => path === 'client')
    ? fileURLToPath(import.meta.url)
    : toPath(client, folder);
  const single = { load: isSingle(load), limits: isSingle(limits) };
  const raw = {
    name: 'virtual-run',
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => KEYS.includes(key))),
    time: startAt === undefined ? 'virtual' : { virtual: startAt },
    client: { module, ...(env !== undefined && { env }) },
    ...(load !== undefined && { load: single.load ? [load] : load }),
    provider: limits === undefined ? provider : { ...provider, limits: single.limits ? [limits] : limits },
  } as ScenarioInput;
  const names: [scenarioPath: string, inputPath: string][] = [
    ['client.module', 'client'],
    ['client.env', 'env'],
    ['time', 'startAt'],
    ...(single.load ? [['load[0]', 'load'] as [string, string]] : []),
    ...(single.limits ? [['provider.limits[0]', 'limits'] as [string, string]] : []),
    ...(limits === undefined ? [] : [['provider.limits', 'limits'] as [string, string]]),
  ];
  return { raw, problems, toInputPath: (path) => renamePath(path, names) };
}

function clientProblems(client: unknown): Problem[] {
  if (typeof client !== 'function') return fileProblems('client', client, CLIENT_HINT);
  const message =
    'cannot be a function: the client runs in its own thread, where virtual time replaces every clock, and a function ' +
    'cannot be passed to another thread';
  return [{ path: 'client', message, hint: CLIENT_HINT }];
}

const KEYS = 'name, about, seed, startAt, provider, limits, client, env, call, load, thresholds, verdicts'.split(', ');

/** Hints for keys of a scenario file that are not supported here. */
const KEY_HINTS: Readonly<Record<string, string>> = {
  time: 'time is always virtual in a test; startAt sets its start',
  seeds: 'use virtualRuns({ …, seeds: 3 })',
};

function unknownKeys(input: object): Problem[] {
  return Object.keys(input)
    .filter((key) => !KEYS.includes(key))
    .map((key) => ({
      path: key,
      ...unknownName('unknown key', key, { allowed: KEYS, list: 'allowed here:' }),
      ...(KEY_HINTS[key] !== undefined && { hint: KEY_HINTS[key] }),
    }));
}

function duplicateLimits({ limits, provider }: VirtualRunInput): Problem[] {
  if (limits === undefined || provider?.limits === undefined) return [];
  return [{ path: 'limits', message: 'is set together with provider.limits', hint: 'set one of them' }];
}

function isSingle(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function renamePath(path: string, names: readonly (readonly [string, string])[]): string {
  const found = names.find(
    ([prefix]) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`),
  );
  return found ? found[1] + path.slice(found[0].length) : path;
}
