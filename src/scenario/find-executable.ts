import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

/** Why a program cannot be started from a folder, or undefined where it can: it is looked for as a shell would. */
export function executableFault(program: string, folder: string, path = process.env.PATH ?? ''): string | undefined {
  if (program.includes('/') || isAbsolute(program)) return fileFault(resolve(folder, program));
  const places = path.split(delimiter).filter((place) => place !== '');
  if (places.some((place) => fileFault(resolve(place, program)) === undefined)) return undefined;
  return existsSync(resolve(folder, program))
    ? `is not on the PATH; the one in this folder is ./${program}`
    : 'is not on the PATH';
}

/** A search path with the places of servers added, which are not on the path of everybody but root. */
export function pathOfServers(path = ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter((place) => place !== '').join(delimiter);
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
