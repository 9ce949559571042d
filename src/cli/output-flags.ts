import type { Command } from 'commander';
import { QuotaLabError } from '../../mock-server/error.ts';
import { chooseColor } from './terminal.ts';

/** Adds the flags about output that every command has; those that it has already keep their words. */
export function addOutputFlags(program: Command): void {
  for (const command of leafCommands(program)) {
    const has = (flag: string): boolean => command.options.some(({ long }) => long === flag);
    if (!has('--color')) command.option('--color', 'use colours, even if the output is not a terminal');
    if (!has('--no-color')) command.option('--no-color', 'use no colours (also: NO_COLOR)');
    if (isExport(command)) command.option('--json', 'print which file was written as JSON; needs --out', false);
    if (!has('--quiet')) command.option('-q, --quiet', 'print no progress and no notes on stderr', false);
  }
  program.hook('preAction', (_program, command) => {
    const { color } = command.opts<{ color?: boolean }>();
    chooseColor(command.getOptionValueSource('color') === 'cli' ? color : undefined);
    ensureFileForJson(command);
  });
  program.hook('postAction', (_program, command) => {
    const { json, out, quiet } = command.opts<{ json?: boolean; out?: string; quiet?: boolean }>();
    if (!isExport(command)) return;
    if (json === true) process.stdout.write(`${JSON.stringify({ file: out }, null, 2)}\n`);
    // The one for Locust says more.
    else if (out !== undefined && quiet !== true && command.name() !== 'locust') process.stderr.write(`wrote ${out}\n`);
  });
}

/** Returns the commands that do something, not those that only hold others. */
export function leafCommands(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leafCommands);
}

const isExport = ({ parent }: Command): boolean => parent?.name() === 'export';

/** An export goes to stdout unless a file is named: it cannot share that with a JSON document. Throws `cli/idle-flag`. */
function ensureFileForJson(command: Command): void {
  const { json, out } = command.opts<{ json?: boolean; out?: string }>();
  if (json !== true || !isExport(command) || out !== undefined) return;
  const problems = [{ path: '--json', message: 'prints which file was written, so it needs --out FILE' }];
  throw new QuotaLabError('cli/idle-flag', 'flags without effect', { problems });
}
