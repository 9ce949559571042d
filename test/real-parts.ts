import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'vitest';

/** Debian's own, which sees Debian's packages; the first python3 on the path may be another build. */
export const PYTHON = '/usr/bin/python3';

const imports = (module: string) => (): boolean => spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
const runs =
  (program: string, ...args: string[]) =>
  (): boolean =>
    spawnSync(program, args).status === 0;

/** Programs and packages that tests use as they are, by Debian's names. */
const PARTS = {
  nginx: runs('nginx', '-v'),
  'python3-aiohttp': imports('aiohttp'),
  'python3-httpx': imports('httpx'),
  'python3-locust': imports('locust'),
  faketime: () => existsSync('/usr/bin/faketime'),
  jq: runs('jq', '--version'),
  curl: runs('curl', '--version'),
  'python3-pytest': imports('pytest'),
  'golang-go': runs('go', 'version'),
} as const;

export type Part = keyof typeof PARTS;

/**
 * Tests that need real parts. On a machine that lacks some they are skipped, and say what to install; with CI=true that is a
 * failure.
 */
export function describeWith(parts: readonly Part[], name: string, body: () => void): void {
  const missing = parts.filter((part) => !PARTS[part]());
  const install = `apt-get install ${missing.join(' ')}`;
  if (missing.length === 0) describe(name, body);
  else if (process.env.CI === 'true') {
    describe(name, () => {
      it(`needs ${missing.join(', ')}`, () => {
        throw new Error(`missing here: ${install}`);
      });
    });
  } else describe.skip(`${name} (to run it: ${install})`, body);
}
