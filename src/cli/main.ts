import { secretsInCommand } from '../../mock-server/redaction/hide-in-command.ts';
import { createRedactor, secretValues } from '../../mock-server/redaction/redactor.ts';
import { execute } from './execute.ts';
import { EXIT } from './exit-code.ts';
import { guardOutput } from './guard-output.ts';
import { printError } from './print-error.ts';
import { terminal } from './terminal.ts';

const words = process.argv.slice(2);

// Everything that this process writes goes through here, also what Node and packages write.
const redactor = createRedactor([...secretValues(process.env), ...secretsInCommand(words)]);
for (const stream of [process.stdout, process.stderr]) {
  guardOutput(stream, redactor.hideValues, () => ({ color: terminal(stream).color, rewrite: stream.isTTY === true }));
}

// A closed pipe (`| head`) or terminal is not an error: the exit code still reports the run.
process.stderr.on('error', () => undefined);
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || error.code === 'EIO') return;
  process.stderr.write(`quotalab: cannot write to stdout: ${error.message}\n`);
  process.exit(EXIT.toolFailed);
});

// Node would print the error itself, with what a client's message may contain.
process.on('uncaughtException', (error) => {
  printError(error);
  process.exit(EXIT.toolFailed);
});

await execute(words);
