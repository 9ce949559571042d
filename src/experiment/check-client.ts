import { dirname, extname, isAbsolute, relative, resolve } from 'node:path';
import type { DialectName } from '../../mock-server/dialects/dialects.ts';
import { QuotaLabError } from '../../mock-server/error.ts';
import { formatCommand } from '../programs/command-text.ts';
import { readRawScenario } from '../scenario/load-scenario.ts';
import type { ClientInput, ScenarioInput } from '../scenario/schema.ts';
import { toPath } from './input-file.ts';

/**
 * The client to check: a module (`./client.ts`), an exported function (`./assistant.ts#answer`), a scenario file whose client
 * is used, or a program and its arguments.
 */
export type CheckSource = string | URL | readonly string[];

/** How a client is called; each overrides what a scenario says. */
export interface CheckClientOptions {
  /** The arguments of an exported function, with placeholders such as `$prompt`. */
  readonly args?: readonly unknown[] | undefined;
  /** For a program: one process per call, or long-running workers. */
  readonly protocol?: 'call' | 'worker' | undefined;
}

/** A client as scenarios have it, and the folder at which its relative paths start. */
export interface CheckClient {
  readonly client: ClientInput;
  readonly folder: string;
  /** Name in reports. */
  readonly written: string;
  /** The dialect of the scenario from which the client is taken. */
  readonly dialect?: DialectName;
}

const SCENARIO_ENDINGS = new Set(['.yaml', '.yml']);

/** Reads what to check. Throws `check/bad-client`, and what a scenario file throws that cannot be read. */
export async function readCheckClient(
  source: CheckSource,
  { args, protocol }: CheckClientOptions,
  folder: string,
): Promise<CheckClient> {
  if (typeof source === 'object' && !(source instanceof URL)) {
    const client = { command: [...source], ...(protocol !== undefined && { protocol }) };
    return { client, folder, written: formatCommand(source) };
  }
  const file = toPath(source);
  if (SCENARIO_ENDINGS.has(extname(file))) return readScenarioClient(resolve(folder, file));
  const client = { module: isAbsolute(file) ? file : `./${relative('.', file)}`, ...(args && { args: [...args] }) };
  return { client, folder, written: file };
}

async function readScenarioClient(file: string): Promise<CheckClient> {
  const { client: written, provider } = Object(await readRawScenario(file)) as Partial<ScenarioInput>;
  const client = typeof written === 'string' ? { module: written } : written;
  const { module, command, undici } = Object(client) as Partial<ClientInput>;
  if (!client || (module === undefined && command === undefined && undici === undefined)) {
    const problems = [{ path: 'client', file, message: 'has no code to check: neither module, command nor undici' }];
    throw new QuotaLabError('check/bad-client', `${file} has no client to check`, { problems });
  }
  const name = module ?? (command && formatCommand(command)) ?? 'undici';
  return { client, folder: dirname(file), written: name, ...(provider?.dialect && { dialect: provider.dialect }) };
}

/** Returns the client for a scenario file in another folder: its paths lead to the same files. */
export function clientFrom({ client, folder }: CheckClient, place: string): ClientInput {
  const { module, command } = client;
  if (module !== undefined && !isAbsolute(module))
    return { ...client, module: relative(place, resolve(folder, module)) };
  if (command === undefined) return client;
  // A program is started in the folder of its scenario file.
  return { ...client, command: ['sh', '-c', 'cd "$0" && exec "$@"', relative(place, folder) || '.', ...command] };
}
