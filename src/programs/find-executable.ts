import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, resolve } from 'node:path';

/** Returns why a program cannot be started from a folder, or undefined if it can. Resolves it like a shell. */
export function findExecutableProblem(
  program: string,
  folder: string,
  path = process.env.PATH ?? '',
): string | undefined {
  if (isPath(program)) return findFileProblem(resolve(folder, program));
  if (findExecutable(program, folder, path) !== undefined) return undefined;
  // Shells skip a script whose interpreter is missing, e.g. of a virtual environment that was moved.
  const [skipped] = pathFolders(path).flatMap((place) => findInterpreterProblem(resolve(place, program)) ?? []);
  if (skipped !== undefined) return skipped;
  return existsSync(resolve(folder, program)) ? `is not on the PATH; did you mean ./${program}?` : 'is not on the PATH';
}

/** Adds the folders of servers to a search path; usually only root has them. */
export function withServerFolders(path = ''): string {
  return [path, '/usr/local/sbin', '/usr/sbin', '/sbin'].filter((place) => place !== '').join(delimiter);
}

/** Returns the file that a shell would start for this name, or undefined. */
export function findExecutable(program: string, folder: string, path = process.env.PATH ?? ''): string | undefined {
  const files = isPath(program)
    ? [resolve(folder, program)]
    : pathFolders(path).map((place) => resolve(place, program));
  return files.find((file) => findFileProblem(file) === undefined);
}

function pathFolders(path: string): string[] {
  return path.split(delimiter).filter((place) => place !== '');
}

function isPath(program: string): boolean {
  return program.includes('/') || isAbsolute(program);
}

function findFileProblem(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return `is not a file: ${file}`;
  } catch {
    return `there is no file ${file}`;
  }
  try {
    accessSync(file, constants.X_OK);
  } catch {
    return `is not executable: chmod +x ${file}`;
  }
  return findInterpreterProblem(file);
}

/** The part of a script's first line that the kernel reads (`BINPRM_BUF_SIZE`). */
const FIRST_LINE_BYTES = 256;

/** Detects a missing interpreter: the system would misleadingly report the script itself as missing. */
function findInterpreterProblem(file: string): string | undefined {
  const [line = ''] = readFirstBytes(file).split('\n', 1);
  if (!line.startsWith('#!')) return undefined;
  if (line.endsWith('\r')) return `the script ${file} has Windows line endings: sed -i 's/\\r$//' ${file}`;
  const [interpreter = ''] = line.slice(2).trim().split(/\s/, 1);
  // A relative interpreter depends on the working folder; it is rare and not checked.
  if (!isAbsolute(interpreter) || existsSync(interpreter)) return undefined;
  return `the interpreter in the first line of ${file} does not exist: ${interpreter}`;
}

/** Returns the first bytes of a file; empty if it is executable but not readable. */
function readFirstBytes(file: string): string {
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
