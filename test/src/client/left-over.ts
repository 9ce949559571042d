import { readdirSync, readFileSync } from 'node:fs';

/** Living processes whose command line holds a text; a zombie is none. */
export function living(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/cmdline`).includes(text))
    .filter((pid) => !/^\d+ \(.*\) [ZX] /s.test(read(`/proc/${pid}/stat`)));
}

/** The same, once all have had the time to go: whoever is killed is gone only when the kernel has come to it. */
export async function livingAfterAll(text: string): Promise<string[]> {
  for (let turn = 0; turn < 100 && living(text).length > 0; turn++) await new Promise((go) => setTimeout(go, 20));
  return living(text);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
