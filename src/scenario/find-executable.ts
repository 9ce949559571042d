import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

/** Why a program cannot be started from a folder, or undefined where it can: it is looked for as a shell would. */
export function executableFault(program: string, folder: string, path = process.env.PATH ?? ''): string | undefined {
  if (isPath(program)) return fileFault(resolve(folder, program));
  if (findExecutable(program, folder, path) !== undefined) return undefined;
  return existsSync(resolve(folder, program))
    ? `is not on the PATH; the one in this folder is ./${program}`
    : 'is not on the PATH';
}

/** A search path with the places of servers added, which are not on the path of everybody but root. */
export function pathOfServers(path = ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter((place) => place !== '').join(delimiter);
}

/** The file that is started by this name, or undefined where none would be. */
export function findExecutable(program: string, folder: string, path = process.env.PATH ?? ''): string | undefined {
  const places = path.split(delimiter).filter((place) => place !== '');
  const files = isPath(program) ? [resolve(folder, program)] : places.map((place) => resolve(place, program));
  return files.find((file) => fileFault(file) === undefined);
}

function isPath(program: string): boolean {
  return program.includes('/') || isAbsolute(program);
}

function fileFault(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return `is no file: ${file}`;
  } catch {
    return `there is no file ${file}`;
  }
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch {
    return `is not executable: chmod +x ${file}`;
  }
}
