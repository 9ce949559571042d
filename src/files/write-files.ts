import {
  accessSync,
  appendFileSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { isAlive } from '../programs/proc.ts';
import { type WriteErrorCode, writeError } from './write-error.ts';

/** A file's name, and what to write into it. */
export type NamedContent = readonly [name: string, content: string | Uint8Array];

/** Where commands write unless they are told another folder. */
const REPORTS = 'reports';

/**
 * Creates a folder and those above it before anything runs. A new `reports` of the working folder keeps itself out of git. Throws
 * `report/not-writable`.
 */
export function ensureWritable(folder: string): void {
  try {
    makeFolder(folder);
    keepOutOfGit();
    accessSync(folder, constants.W_OK);
  } catch (cause) {
    const message = `cannot write reports to ${folder}: ${(cause as Error).message}`;
    throw new QuotaLabError('report/not-writable', message, { cause });
  }
}

/** Node's recursive mkdir never returns if the system reports an existing parent as missing (/proc). */
function makeFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
  if (created.length === 0) process.once('exit', removeEmptyFolders);
  created.push(folder);
}

const created: string[] = [];

/** Only in a folder that this process has made: a folder of that name may have been the user's own before. */
function keepOutOfGit(): void {
  const folder = resolve(REPORTS);
  const file = join(folder, '.gitignore');
  if (created.includes(folder) && !existsSync(file)) writeFileSync(file, '*\n');
}

/** Removes folders that stayed empty: those of a run that could not start. */
function removeEmptyFolders(): void {
  for (const folder of created.reverse()) {
    try {
      if (readdirSync(folder).join() === '.gitignore') rmSync(join(folder, '.gitignore'));
      rmdirSync(folder);
    } catch {
      // Something was written into it.
    }
  }
}

/** Writes files into an existing folder, each as `writeWhole` does. Returns their paths. Throws `report/not-writable`. */
export function writeFiles(folder: string, files: readonly NamedContent[]): string[] {
  return files.map(([name, content]) => {
    const path = join(folder, name);
    writeWhole(path, content);
    return path;
  });
}

/** Writes a file: all of it or, with an error of this code, nothing; its previous content is then unchanged. */
export function writeWhole(
  path: string,
  content: string | Uint8Array,
  code: WriteErrorCode = 'report/not-writable',
): void {
  replaceWhole(path, code, (part) => writeFileSync(part, content));
}

/** Replaces a file by one that `write` has written elsewhere, as `writeWhole` does. */
export function replaceWhole(path: string, code: WriteErrorCode, write: (part: string) => void): void {
  const part = partOf(path);
  try {
    removeAbandonedParts(path);
    write(part);
    renameSync(part, path);
  } catch (cause) {
    throw withoutPart(path, code, cause);
  }
}

/** As `replaceWhole`, for a file that takes long to write. */
export async function replaceWholeAsync(
  path: string,
  code: WriteErrorCode,
  write: (part: string) => Promise<void>,
): Promise<void> {
  const part = partOf(path);
  try {
    removeAbandonedParts(path);
    await write(part);
    renameSync(part, path);
  } catch (cause) {
    throw withoutPart(path, code, cause);
  }
}

/** Two runs may write to one place at the same time. */
const partOf = (path: string): string => `${path}.${process.pid}.part`;

/** Removes the part; returns the error without its name, which means nothing to anybody. */
function withoutPart(path: string, code: WriteErrorCode, cause: unknown): QuotaLabError {
  removeFile(partOf(path));
  return writeError(code, path, cause instanceof QuotaLabError ? cause.cause : cause);
}

/** Removes what processes that were killed have written of a file. */
function removeAbandonedParts(path: string): void {
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(start) || !name.endsWith('.part')) continue;
    if (!isAlive(Number.parseInt(name.slice(start.length), 10))) removeFile(join(dirname(path), name));
  }
}

/** Appends to a file that others write too. Throws `report/not-writable`. */
export function appendText(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (cause) {
    throw writeError('report/not-writable', path, cause);
  }
}

/** Removes a file, if it is there and can be removed. */
export function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is gone or read-only.
  }
}
