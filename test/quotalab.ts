import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The command as built for the tests (`installed.ts`), or outside of vitest that of the sources. */
export const BIN = process.env.QUOTALAB_TEST_BIN ?? fileURLToPath(new URL('../bin/quotalab.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the quotalab command as a user does, without GitHub's variables of the test run. */
export function quotalab(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const { GITHUB_ACTIONS: _a, GITHUB_STEP_SUMMARY: _s, GITHUB_WORKSPACE: _w, ...rest } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...rest, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
}
