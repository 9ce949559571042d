import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** For tests that count what is left; on purpose not by the product's own code. */
const all = (): string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));

/** Living processes but this one whose command line holds a text; a zombie is none. */
export function living(text: string): string[] {
  return all()
    .filter((pid) => Number(pid) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(text))
    .filter((pid) => !/^\d+ \(.*\) [ZX] /s.test(read(`/proc/${pid}/stat`)));
}

/** The same, once all have had the time to go: whoever is killed is gone only when the kernel has come to it. */
export async function livingAfterAll(text: string): Promise<string[]> {
  for (let turn = 0; turn < 100 && living(text).length > 0; turn++) await new Promise((go) => setTimeout(go, 20));
  return living(text);
}

/** Processes whose environment, as they were started, holds a text. */
export function environmentHas(text: string): string[] {
  return all().filter((pid) => read(`/proc/${pid}/environ`).includes(text));
}

/** Processes whose working folder is this one. */
export function cwdIs(folder: string): number[] {
  return all()
    .filter((pid) => cwdOf(pid) === folder)
    .map(Number);
}

function cwdOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Empty for one that is gone, or somebody else's. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
