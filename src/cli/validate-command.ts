import type { Command } from 'commander';
import { checkScenario } from '../analysis/check-scenario.ts';
import { describeLoad } from '../load/describe.ts';
import { describeLimit } from '../report/describe-limit.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { EXIT } from './exit-code.ts';
import { tellError } from './tell-error.ts';

export function addValidateCommand(program: Command): void {
  program
    .command('validate')
    .summary('check scenario files and tell every problem')
    .argument('<file...>', 'scenario files')
    .action(async (files: string[]) => {
      for (const file of files) await validate(file);
    });
}

async function validate(file: string): Promise<void> {
  try {
    const { load, provider } = await loadScenario(file, { check: checkScenario });
    const parts = [...load.map(describeLoad), ...provider.limits.map(describeLimit)];
    process.stdout.write(`${file} is valid\n${parts.map((part) => `  ${part}\n`).join('')}`);
  } catch (error) {
    tellError(error);
    process.exitCode = EXIT.badInput;
  }
}
