import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Access to /proc (proc(5)). Without /proc, and for processes that have ended or belong to another user, the results are
 * empty.
 */

/** Returns processes with `line` (`NAME=value`) in their initial environment. */
export function findProcesses(line: string): number[] {
  return listProcesses().filter((pid) => readProc(`${pid}/environ`).split('\0').includes(line));
}

export function listProcesses(): number[] {
  return listProc('')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Returns the names in a folder of /proc. */
export function listProc(folder: string): string[] {
  try {
    return readdirSync(`/proc/${folder}`);
  } catch {
    return [];
  }
}

/** Returns the text of a file of /proc. */
export function readProc(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Returns the target of a link of /proc. */
export function readProcLink(link: string): string | undefined {
  try {
    return readlinkSync(`/proc/${link}`);
  } catch {
    return undefined;
  }
}

/** Variable set in every started program and inherited by its children; identifies processes that a run leaves behind. */
export const MARK = 'QUOTALAB_RUN';

export function findMarked(mark: string): number[] {
  return findProcesses(`${MARK}=${mark}`);
}

/** Time between SIGTERM and SIGKILL. */
export const SHUTDOWN_GRACE_MS = 500;

/** Returns whether a process exists, or a group by its negative id. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Sends a signal to a process, or to a group by its negative id. Ignores a process that has ended. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Already ended.
  }
}
