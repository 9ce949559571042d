import { writeFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { checkScenario } from '../analysis/check-scenario.ts';
import { type LocustOptions, locustFile } from '../export/locust.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import { findScenario } from './find-scenario.ts';
import { collectSetting } from './flags.ts';

interface ExportFlags extends Pick<LocustOptions, 'refused'> {
  readonly out?: string;
  readonly set: Record<string, string>;
}

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .summary("write a scenario's load for another tool")
    .command('locust')
    .summary('a Locust file (2.12 or later) that makes the same load')
    .argument('[scenario]', 'a file, or the name of a scenario that comes with quotalab')
    .option('-o, --out <file>', 'write it there; Locust wants a name that ends in .py (default: stdout)', pythonFile)
    .addOption(
      new Option('--refused <how>', 'how Locust counts a 429, which gets a row of its own')
        .choices(['success', 'failure'])
        .default('success'),
    )
    .option('--set <path=value>', 'any setting of the scenario, as for run; again for more', collectSetting, {})
    .action(exportLocust);
}

function pythonFile(name: string): string {
  if (!name.endsWith('.py')) throw new InvalidArgumentError('must end in .py, or Locust will not take it');
  return name;
}

async function exportLocust(named: string | undefined, { out, refused, set }: ExportFlags): Promise<void> {
  const file = findScenario(named);
  const scenario = await loadScenario(file, { overrides: set, check: checkScenario });
  const text = locustFile(scenario, { refused, source: named ?? file });
  if (out === undefined) process.stdout.write(text);
  else write(out, text);
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new QuotaLabError('export/not-writable', `cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
  process.stderr.write(`${file} is written: python3 -m locust --headless --locustfile ${file}\n`);
}
