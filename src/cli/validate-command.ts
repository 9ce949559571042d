import type { Command } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { loadCheckedScenario } from '../experiment/load-checked-scenario.ts';
import { describeLoad } from '../load/executors.ts';
import { describeLimit } from '../report/describe-limit.ts';
import { EXIT } from './exit-code.ts';
import { addHelpFooter } from './help.ts';
import { printError } from './print-error.ts';

export function addValidateCommand(program: Command): void {
  const command = program
    .command('validate')
    .summary('check scenario files and print every problem')
    .description('Checks scenario files without running them. Prints every problem with its line.')
    .argument('<file...>', 'scenario files')
    .option('--json', 'print the result of each file as JSON', false);
  addHelpFooter(command, {
    exitCodes: { 0: 'all files are valid' },
    example: 'quotalab validate quotalab.yaml',
  }).action(async (files: string[], { json }: { json: boolean }) => {
    const results: Validated[] = [];
    for (const file of files) results.push(await validate(file));
    if (results.some(({ error }) => error)) process.exitCode = EXIT.badInput;
    if (json) process.stdout.write(`${JSON.stringify(results.map(validatedJson), null, 2)}\n`);
    else for (const result of results) printValidated(result);
  });
}

interface Validated {
  readonly file: string;
  /** Its load and limits, a line each. */
  readonly parts: readonly string[];
  readonly error?: unknown;
}

async function validate(file: string): Promise<Validated> {
  try {
    const { load, provider } = await loadCheckedScenario(file);
    return { file, parts: [...load.map(describeLoad), ...provider.limits.map(describeLimit)] };
  } catch (error) {
    return { file, parts: [], error };
  }
}

function printValidated({ file, parts, error }: Validated): void {
  if (error) printError(error);
  else process.stdout.write(`${file} is valid\n${parts.map((part) => `  ${part}\n`).join('')}`);
}

/** An unexpected error is no result of a file: it is thrown. */
function validatedJson({ file, parts, error }: Validated) {
  if (error === undefined) return { file, valid: true, parts, problems: [] };
  if (!(error instanceof QuotaLabError)) throw error;
  return { file, valid: false, code: error.code, message: error.message, problems: error.problems };
}
