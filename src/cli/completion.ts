import type { Command } from 'commander';

/** Whether a command line asks for completion: `quotalab complete zsh`, or what the shell then asks, `complete -- run --se`. */
export const isCompletion = (words: readonly string[]): boolean => words[0] === 'complete';

/** Adds `complete`, which prints the script for a shell (bash, zsh, fish, powershell) and answers what it asks. */
export async function addCompletion(program: Command): Promise<void> {
  // Loaded only when a shell asks.
  const { default: tab } = await import('@bomb.sh/tab/commander');
  tab(program);
}
