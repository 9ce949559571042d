import { type Command, InvalidArgumentError, Option } from 'commander';
import { checkScenario } from '../analysis/check-scenario.ts';
import { type LocustOptions, locustFile } from '../export/locust.ts';
import { writeWhole } from '../files/write-files.ts';
import type { Override } from '../scenario/overrides.ts';
import { loadScenario } from '../traces/load-scenario.ts';
import { addRunFormats } from './export-run.ts';
import { findScenario } from './find-scenario.ts';
import { collectSetting } from './flags.ts';
import { addHelpFooter } from './help.ts';

interface ExportFlags extends Pick<LocustOptions, 'refused'> {
  readonly out?: string;
  readonly set: readonly Override[];
}

export function addExportCommand(program: Command): void {
  const example = 'quotalab export locust article --out locustfile.py';
  const command = program
    .command('export')
    .summary('export a run, or the load of a scenario, to other tools')
    .description('Exports a finished run to other tools, or the load of a scenario to another load testing tool.');
  addHelpFooter(command, { example: 'quotalab export parquet reports/article/journal.jsonl --out attempts.parquet' });
  addRunFormats(command);
  const locust = command
    .command('locust')
    .summary('write a Locust file (2.12 or later) with the same load')
    .description('Writes a Locust file (2.12 or later) that produces the load of a scenario.')
    .argument('[scenario]', 'a scenario file, or the name of a bundled scenario')
    .option('-o, --out <file>', 'file to write; must end in .py (default: stdout)', parsePythonFile)
    .addOption(
      new Option('--refused <how>', 'how Locust counts a 429, which gets its own row')
        .choices(['success', 'failure'])
        .default('success'),
    )
    .option('--set <path=value>', 'change the scenario, e.g. load[0].vus=5; repeatable', collectSetting, []);
  addHelpFooter(locust, { example }).action(exportLocust);
}

function parsePythonFile(name: string): string {
  if (!name.endsWith('.py')) throw new InvalidArgumentError('must end in .py: Locust requires it');
  return name;
}

async function exportLocust(name: string | undefined, { out, refused, set }: ExportFlags): Promise<void> {
  const file = findScenario(name);
  const scenario = await loadScenario(file, { overrides: set, check: checkScenario });
  const text = locustFile(scenario, { refused, source: name ?? file });
  if (out === undefined) process.stdout.write(text);
  else writeLocustFile(out, text);
}

function writeLocustFile(file: string, text: string): void {
  writeWhole(file, text, 'export/not-writable');
  process.stderr.write(`wrote ${file}; run: python3 -m locust --headless --locustfile ${file}\n`);
}
