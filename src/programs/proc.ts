import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * What Linux tells of other programs (proc(5)). Where there is no /proc, and of what is somebody else's or gone meanwhile,
 * nothing: no names, empty texts, no targets.
 */

/** Processes that have `line`, as `NAME=value`, in the environment that they were started with. */
export function processesWith(line: string): number[] {
  return processes().filter((pid) => procText(`${pid}/environ`).split('\0').includes(line));
}

export function processes(): number[] {
  return procNames('')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Names in a folder of /proc. */
export function procNames(folder: string): string[] {
  try {
    return readdirSync(`/proc/${folder}`);
  } catch {
    return [];
  }
}

/** A file of /proc. */
export function procText(file: string): string {
  try {
    return readFileSync(`/proc/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Where a link of /proc leads. */
export function procTarget(link: string): string | undefined {
  try {
    return readlinkSync(`/proc/${link}`);
  } catch {
    return undefined;
  }
}

/** Sends a signal to a process, to a group by its negative number; whoever is gone by then needs none. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Nobody is left.
  }
}
