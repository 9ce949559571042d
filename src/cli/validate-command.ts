import type { Command } from 'commander';
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
    .argument('<file...>', 'scenario files');
  addHelpFooter(command, {
    exitCodes: { 0: 'all files are valid' },
    example: 'quotalab validate quotalab.yaml',
  }).action(async (files: string[]) => {
    for (const file of files) await validate(file);
  });
}

async function validate(file: string): Promise<void> {
  try {
    const { load, provider } = await loadCheckedScenario(file);
    const parts = [...load.map(describeLoad), ...provider.limits.map(describeLimit)];
    process.stdout.write(`${file} is valid\n${parts.map((part) => `  ${part}\n`).join('')}`);
  } catch (error) {
    printError(error);
    process.exitCode = EXIT.badInput;
  }
}
