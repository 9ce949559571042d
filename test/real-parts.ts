import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';

/** Debian's Python, which finds Debian's packages; the first python3 on the path may be another build. */
export const PYTHON = '/usr/bin/python3';

const imports = (module: string) => (): boolean => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
const runs =
  (program: string, ...args: string[]) =>
  (): boolean =>
    spawnSync(program, args).status === 0;

/** Real programs and packages that tests use, by Debian's names, with a check for each. */
const PARTS = {
  nginx: runs('nginx', '-v'),
  'python3-aiohttp': imports('aiohttp'),
  'python3-httpx': imports('httpx'),
  'python3-locust': imports('locust'),
  chromium: () => existsSync('/usr/bin/chromium'),
  faketime: () => existsSync('/usr/bin/faketime'),
  jq: runs('jq', '--version'),
  curl: runs('curl', '--version'),
  'python3-pytest': imports('pytest'),
  'golang-go': runs('go', 'version'),
} as const;

export type Part = keyof typeof PARTS;

export function hasParts(parts: readonly Part[]): boolean {
  return parts.every((part) => PARTS[part]());
}

/**
 * Defines tests that need real parts. If some are missing, the tests are skipped with an install hint; with CI=true they
 * fail.
 */
export function describeWith(parts: readonly Part[], name: string, body: () => void): void {
  const missing = parts.filter((part) => !PARTS[part]());
  const install = `apt-get install ${missing.join(' ')}`;
  if (missing.length === 0) describe(name, body);
  else if (process.env.CI === 'true') {
    describe(name, () => {
      it(`needs ${missing.join(', ')}`, () => {
        throw new Error(`missing: ${install}`);
      });
    });
  } else describe.skip(`${name} (to run it: ${install})`, body);
}
