import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { addLeftover, dropLeftover } from '../programs/leftovers.ts';
import { isAlive } from '../programs/proc.ts';

/** A folder for the files of a gateway. */
export interface TemporaryFolder {
  readonly path: string;
  /** Writes a file into it and returns its path. Throws `gateway/cannot-start`. */
  write(name: string, text: string): string;
  remove(): void;
}

/**
 * Names begin with it, and go on with the process id of their run. Containers may share a folder for temporary files, but
 * not process ids: they have names of their own.
 */
const PREFIX = `quotalab-gateway-${hostname().replace(/[^\w.]/g, '_')}-`;

/**
 * Creates a folder, readable for servers that drop root privileges. It is removed when this process ends, or at the latest
 * by the next run with a gateway. Throws `gateway/cannot-start`.
 */
export function createTemporaryFolder(): TemporaryFolder {
  removeAbandoned();
  const path = createFolder();
  addLeftover(['path', path]);
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
    dropLeftover(['path', path]);
  };
  process.on('exit', remove);
  return { path, write: (name, text) => writeInto(join(path, name), text), remove };
}

function createFolder(): string {
  try {
    const path = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    chmodSync(path, 0o755);
    return path;
  } catch (cause) {
    throw cannotWrite(tmpdir(), cause);
  }
}

function writeInto(file: string, text: string): string {
  try {
    writeFileSync(file, text);
    return file;
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
}

function cannotWrite(place: string, cause: unknown): QuotaLabError {
  const message = `cannot write the files of the gateway to ${place}: ${(cause as Error).message}`;
  return new QuotaLabError('gateway/cannot-start', message, { cause });
}

/** Removes the folders of runs that no longer exist. Those of other users stay. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir()).filter((other) => other.startsWith(PREFIX))) {
    if (isAlive(Number.parseInt(name.slice(PREFIX.length), 10))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Not ours to remove.
    }
  }
}
