import { vi } from 'vitest';
import { execute } from '../src/cli/execute.ts';

/** Executes a command line in this process, which takes no time to start. Returns its exit code and all that it printed. */
export async function outcomeOf(words: readonly string[]): Promise<{ readonly code: unknown; readonly text: string }> {
  let text = '';
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
  }
  process.exitCode = undefined;
  try {
    await execute(words);
    return { code: process.exitCode ?? 0, text };
  } finally {
    process.exitCode = undefined;
    vi.restoreAllMocks();
  }
}
