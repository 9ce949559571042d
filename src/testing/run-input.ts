import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '../../mock-server/error.ts';
import { meantName } from '../scenario/meant-name.ts';
import type { ScenarioInput } from '../scenario/schema.ts';

type ProviderInput = NonNullable<ScenarioInput['provider']>;
type LimitsInput = NonNullable<ProviderInput['limits']>;
type LimitInput = Exclude<LimitsInput, string>[number];
type ExecutorInput = NonNullable<ScenarioInput['load']>[number];

/** What a test says of a run: the keys of a scenario file, and short ways to say what every test says. */
export interface VirtualRunInput extends Omit<ScenarioInput, '$schema' | 'name' | 'time' | 'client' | 'load'> {
  readonly name?: string;
  /** Path or URL of the module whose default export makes one call; relative paths are from the test's own file. */
  readonly client: string | URL;
  /** Variables of the client's environment. */
  readonly env?: NonNullable<ScenarioInput['client']['env']>;
  /** One executor, or several that run side by side. */
  readonly load: ExecutorInput | ExecutorInput[];
  /** What is metered: `provider.limits`, where nothing else of the provider need be said. */
  readonly limits?: LimitInput | LimitsInput;
  /** When virtual time begins; 2026-01-01T00:00:00Z when left out. */
  readonly startAt?: string;
}

/** A scenario file instead, as `quotalab run` takes it. */
export interface ScenarioFileInput {
  /** Path or URL of a YAML file or of a module. */
  readonly scenario: string | URL;
  readonly seed?: number;
  /** Changes of the scenario by path, e.g. `{ 'load[0].vus': 5 }`, as `--set` makes them. */
  readonly set?: Readonly<Record<string, string | number | boolean>>;
}

/** An input as a scenario file would say it; what is wrong with it beyond that; and how paths in it are named in the input. */
export interface ReadInput {
  readonly raw: ScenarioInput;
  readonly problems: readonly Problem[];
  nameOf(path: string): string;
}

const IN_A_FILE = "client: new URL('./client.ts', import.meta.url), a module that exports it as its default";

/** Reads what a test says. `folder` is where relative paths begin. */
export function readInput(input: VirtualRunInput, folder: string): ReadInput {
  const { client, env, load, limits, startAt, provider, ...rest } = input;
  const problems = [...clientProblems(client), ...doubled(input), ...strangeKeys(input)];
  const module = problems.some(({ path }) => path === 'client')
    ? fileURLToPath(import.meta.url)
    : pathOf(client, folder);
  const one = { load: isOne(load), limits: isOne(limits) };
  const raw = {
    name: 'virtual-run',
    ...Object.fromEntries(Object.entries(rest).filter(([key]) => KEYS.includes(key))),
    time: startAt === undefined ? 'virtual' : { virtual: startAt },
    client: { module, ...(env !== undefined && { env }) },
    ...(load !== undefined && { load: one.load ? [load] : load }),
    provider: limits === undefined ? provider : { ...provider, limits: one.limits ? [limits] : limits },
  } as ScenarioInput;
  const names: [written: string, named: string][] = [
    ['client.module', 'client'],
    ['client.env', 'env'],
    ['time', 'startAt'],
    ...(one.load ? [['load[0]', 'load'] as [string, string]] : []),
    ...(one.limits ? [['provider.limits[0]', 'limits'] as [string, string]] : []),
    ...(limits === undefined ? [] : [['provider.limits', 'limits'] as [string, string]]),
  ];
  return { raw, problems, nameOf: (path) => renamed(path, names) };
}

/** An absolute path from a path, a URL, or the text of one. */
export function pathOf(file: string | URL, folder: string): string {
  if (file instanceof URL || file.startsWith('file:')) return fileURLToPath(file);
  return isAbsolute(file) ? file : resolve(folder, file);
}

/** What is wrong with the way to a file; nobody can take a function along. */
export function fileProblems(path: string, file: unknown, hint: string): Problem[] {
  if (file === undefined) return [{ path, message: 'is required: the path or URL of a file', hint }];
  if (file instanceof URL || typeof file === 'string') {
    const { protocol } = file instanceof URL ? file : new URL(file, 'file:///');
    return protocol === 'file:' ? [] : [{ path, message: `must be a file, not ${protocol}//…`, hint }];
  }
  return [{ path, message: `must be the path or URL of a file, not ${typeof file}`, hint }];
}

function clientProblems(client: unknown): Problem[] {
  if (typeof client !== 'function') return fileProblems('client', client, IN_A_FILE);
  const message =
    'cannot be a function of the test: virtual time replaces every clock of the thread that the client runs in, and a ' +
    'function cannot go to another thread with what it closes over';
  return [{ path: 'client', message, hint: IN_A_FILE }];
}

const KEYS = 'name, about, seed, startAt, provider, limits, client, env, call, load, thresholds, verdicts'.split(', ');

/** Keys of a file that mean nothing here, and what is meant instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  time: 'time is always virtual in a test; startAt says when it begins',
  seeds: 'virtualRuns({ …, seeds: 3 }) runs several',
};

function strangeKeys(input: object): Problem[] {
  return Object.keys(input)
    .filter((key) => !KEYS.includes(key))
    .map((key) => ({
      path: key,
      message: `unknown key; allowed here: ${KEYS.join(', ')}`,
      ...(ELSEWHERE[key] === undefined ? meantName(key, KEYS) : { hint: ELSEWHERE[key] }),
    }));
}

function doubled({ limits, provider }: VirtualRunInput): Problem[] {
  if (limits === undefined || provider?.limits === undefined) return [];
  return [{ path: 'limits', message: 'stands beside provider.limits', hint: 'say it once' }];
}

function isOne(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function renamed(path: string, names: readonly (readonly [string, string])[]): string {
  const found = names.find(
    ([written]) => path === written || path.startsWith(`${written}.`) || path.startsWith(`${written}[`),
  );
  return found ? found[1] + path.slice(found[0].length) : path;
}
