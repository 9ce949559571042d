import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** For tests that count remaining processes; deliberately independent of the product's code. */
const all = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Returns running processes, except this one and zombies, whose command line contains a text. */
export function findLiving(text: string): string[] {
  return all()
    .filter((pid) => Number(pid) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(text))
    .filter((pid) => !/^\d+ \(.*\) [ZX] /s.test(read(`/proc/${pid}/stat`)));
}

/** Same as `findLiving`, after waiting up to 2 s: killed processes may take a moment to end. */
export async function findLivingAfterWait(text: string): Promise<string[]> {
  for (let turn = 0; turn < 100 && findLiving(text).length > 0; turn++) await new Promise((go) => setTimeout(go, 20));
  return findLiving(text);
}

/** Returns processes whose initial environment contains a text. */
export function findByEnvironment(text: string): string[] {
  return all().filter((pid) => read(`/proc/${pid}/environ`).includes(text));
}

/** Returns processes with this working folder. */
export function findByCwd(folder: string): number[] {
  return all()
    .filter((pid) => cwdOf(pid) === folder)
    .map(Number);
}

/** Returns the processes that a process has started, and those that they have. */
export function findDescendants(pid: number): number[] {
  const children = all()
    .map(Number)
    .filter((other) => parentOf(other) === pid);
  return [...children, ...children.flatMap(findDescendants)];
}

/** Whether a process exists that is no zombie. */
export function isRunning(pid: number): boolean {
  return /^\d+ \(.*\) [^ZX] /s.test(read(`/proc/${pid}/stat`));
}

/** `PID (NAME) STATE PARENT …` */
function parentOf(pid: number): number {
  return Number(/^\d+ \(.*\) \w (\d+)/s.exec(read(`/proc/${pid}/stat`))?.[1]);
}

function cwdOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Empty for a process that has ended or belongs to another user. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
