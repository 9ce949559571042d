import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

/** Why a program cannot be started from a folder, or undefined where it can: it is looked for as a shell would. */
export function executableFault(program: string, folder: string, path = process.env.PATH ?? ''): string | undefined {
  if (isPath(program)) return fileFault(resolve(folder, program));
  if (findExecutable(program, folder, path) !== undefined) return undefined;
  // A script of an environment that was moved or removed is there, and is passed over.
  const [unstartable] = placesOf(path).flatMap((place) => interpreterFault(resolve(place, program)) ?? []);
  if (unstartable !== undefined) return unstartable;
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
  const files = isPath(program) ? [resolve(folder, program)] : placesOf(path).map((place) => resolve(place, program));
  return files.find((file) => fileFault(file) === undefined);
}

function placesOf(path: string): string[] {
  return path.split(delimiter).filter((place) => place !== '');
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
  } catch {
    return `is not executable: chmod +x ${file}`;
  }
  return interpreterFault(file);
}

/** More of a first line than the kernel reads (`BINPRM_BUF_SIZE`). */
const FIRST_LINE_BYTES = 256;

/** Of a script whose interpreter is not there the system says that the script itself is not, which misleads everybody. */
function interpreterFault(file: string): string | undefined {
  const [line = ''] = firstBytes(file).split('\n', 1);
  if (!line.startsWith('#!')) return undefined;
  if (line.endsWith('\r')) return `the lines of ${file} end as those of Windows do: sed -i 's/\\r$//' ${file}`;
  const [interpreter = ''] = line.slice(2).trim().split(/\s/, 1);
  // A relative one is looked for where the script will be started, which is nobody's habit.
  if (!isAbsolute(interpreter) || existsSync(interpreter)) return undefined;
  return `the first line of ${file} asks for ${interpreter}, which is not there`;
}

/** Empty where one may run what one cannot read. */
function firstBytes(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    const bytes = Buffer.alloc(FIRST_LINE_BYTES);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, FIRST_LINE_BYTES, 0));
  } catch {
    return '';
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
