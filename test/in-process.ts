import { dirname, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { vi } from 'vitest';
import type * as Execute from '../src/cli/execute.ts';
import { BIN, type Ended } from './quotalab.ts';

/** The build, as the command has it: it is imported in a tenth of the time of the sources. */
const BUILT = pathToFileURL(join(dirname(BIN), '../dist/src/cli/execute.js')).href;

let last: Promise<unknown> = Promise.resolve();

/**
 * Executes a command line in this process, which takes no time to start. One at a time: the folder, the environment and the
 * output are those of the process. For what a process of its own does, such as receiving signals, use `quotalab.ts`.
 */
export function quotalabHere(
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Readonly<Record<string, string>> },
): Promise<Ended> {
  const ended = last.then(() => execute(args, cwd, env));
  last = ended.catch(() => undefined);
  return ended;
}

/** Same, in the current folder; returns the exit code and all that was printed. */
export async function outcomeOf(words: readonly string[]): Promise<{ readonly code: unknown; readonly text: string }> {
  const { code, stdout, stderr } = await quotalabHere(words, { cwd: process.cwd() });
  return { code, text: stdout + stderr };
}

async function execute(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const { execute } = (await import(BUILT)) as typeof Execute;
  const output = { stdout: '', stderr: '' };
  const restore = replaceSurroundings(args, cwd, env, (name, text) => {
    output[name] += text;
  });
  try {
    await execute(args);
    await nextTurn();
    return { code: Number(process.exitCode ?? 0), ...output };
  } finally {
    restore();
  }
}

/** Sets the folder, the environment without GitHub's variables, and who gets the output. Returns a function that undoes it. */
function replaceSurroundings(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  onOutput: (name: 'stdout' | 'stderr', text: string) => void,
): () => void {
  const before = { cwd: process.cwd(), env: { ...process.env }, argv: process.argv };
  process.argv = [process.execPath, BIN, ...args];
  for (const name of ['GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY', 'GITHUB_WORKSPACE']) delete process.env[name];
  Object.assign(process.env, env);
  process.chdir(cwd);
  process.exitCode = undefined;
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk, encoding, done) => {
      onOutput(name, typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      for (const callback of [encoding, done]) if (typeof callback === 'function') callback();
      return true;
    }),
  );
  return () => {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = undefined;
    process.argv = before.argv;
    process.chdir(before.cwd);
    for (const name of Object.keys(process.env)) if (!(name in before.env)) delete process.env[name];
    Object.assign(process.env, before.env);
  };
}
