import { CommanderError } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { createProgram } from './create-program.ts';
import { EXIT } from './exit-code.ts';
import { printError } from './print-error.ts';
import { ensureKnownCommand } from './unknown-command.ts';

// A closed pipe (`| head`) or terminal is not an error: the exit code still reports the run.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') return;
  process.stderr.write(`quotalab: cannot write to stdout: ${error.message}\n`);
  process.exit(EXIT.toolFailed);
});

try {
  const program = createProgram();
  ensureKnownCommand(program, process.argv[2]);
  await program.parseAsync();
} catch (error) {
  // Commander has already printed the error or the help.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.passed : EXIT.badInput;
  else {
    printError(error);
    process.exitCode = error instanceof QuotaLabError && error.origin === 'input' ? EXIT.badInput : EXIT.toolFailed;
  }
}
