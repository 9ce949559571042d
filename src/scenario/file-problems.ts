import { existsSync, readFileSync } from 'node:fs';
import { findExecutableProblem, withServerFolders } from '../programs/find-executable.ts';
import { findPreloadProblem } from '../programs/preload-problem.ts';
import { clientsOf } from './fleet.ts';
import type { Named } from './fleet-settings.ts';
import { templateProblem } from './gateway-schema.ts';
import type { PathProblem } from './problems.ts';
import type { ClientSettings, Scenario } from './scenario.ts';
import { tryStat } from './text-file.ts';

/** Finds missing or unusable files and programs that a scenario names. */
export function findFileProblems(scenario: Scenario): PathProblem[] {
  const code = clientsOf(scenario).flatMap((client) => findCodeProblems(client, scenario.time));
  return [...code, ...findTraceProblems(scenario), ...findGatewayProblems(scenario)];
}

/** Returns whether a path is that of a file. */
export function isFile(file: string): boolean {
  return tryStat(file)?.isFile() === true;
}

/** Finds missing files of the load. */
function findTraceProblems({ load }: Scenario): PathProblem[] {
  return load.flatMap((executor, index): PathProblem[] => {
    if (executor.executor !== 'trace' || executor.path === undefined || isFile(executor.path)) return [];
    const message = existsSync(executor.path) ? `${executor.path} is no file` : `there is no file ${executor.path}`;
    return [{ path: ['load', index, 'file'], message }];
  });
}

/** Finds missing or unusable files of the gateway. */
function findGatewayProblems({ gateway }: Scenario): PathProblem[] {
  if (!gateway) return [];
  const { command, config, folder } = gateway;
  const [program] = command as [string];
  const problem = findExecutableProblem(program, folder, withServerFolders(process.env.PATH));
  const problems: PathProblem[] = [];
  if (problem !== undefined) {
    problems.push({ path: ['gateway', 'command', 0], message: `${program} cannot be started: ${problem}` });
  }
  if (!config) return problems;
  const configProblem = isFile(config.file)
    ? templateProblem(readFileSync(config.file, 'utf8'), command)
    : { message: `there is no file ${config.file}` };
  return configProblem ? [...problems, { path: ['gateway', 'config'], ...configProblem }] : problems;
}

/** Finds missing or unusable files of a client. */
function findCodeProblems({ name, settings: { code } }: Named<ClientSettings>, time: Scenario['time']): PathProblem[] {
  const block = name === '' ? ['client'] : ['clients', name];
  if (code.kind === 'module' && !isFile(code.module)) {
    const message = existsSync(code.module) ? `${code.module} is no file` : `there is no file ${code.module}`;
    return [{ path: [...block, 'module'], message }];
  }
  if (code.kind !== 'command') return [];
  const [program] = code.command;
  const path = [...block, 'command', 0];
  const problem = findExecutableProblem(program!, code.folder);
  if (problem !== undefined) return [{ path, message: `${program} cannot be started: ${problem}` }];
  const preloadProblem = time === 'scaled' ? findPreloadProblem(program!, code.folder) : undefined;
  if (preloadProblem === undefined) return [];
  return [{ path, message: `cannot run in scaled time: ${preloadProblem}`, hint: 'use time: wall' }];
}
