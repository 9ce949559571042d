import { CommanderError } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { addCompletion, isCompletion } from './completion.ts';
import { createProgram } from './create-program.ts';
import { EXIT } from './exit-code.ts';
import { scenarioHere } from './find-scenario.ts';
import { introduction } from './introduction.ts';
import { printError } from './print-error.ts';
import { ensureKnownCommand } from './unknown-command.ts';

/** Executes a command line, without the names of Node and the program, and sets the exit code of the process. */
export async function execute(words: readonly string[]): Promise<void> {
  try {
    if (words.length === 0 && scenarioHere() === undefined) {
      process.stdout.write(introduction());
      process.exitCode = EXIT.badInput;
      return;
    }
    const program = createProgram();
    if (isCompletion(words)) await addCompletion(program);
    else ensureKnownCommand(program, words[0]);
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    // Commander has already printed the error or the help.
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.badInput;
    else {
      printError(error);
      process.exitCode = error instanceof QuotaLabError && error.origin === 'input' ? EXIT.badInput : EXIT.toolFailed;
    }
  }
}
