import type { Command, Option } from 'commander';
import { createProgram } from '../../src/cli/create-program.ts';

const HEAD = `# Command reference

Every command, argument and flag, from the program itself (\`npm run reference\`); \`quotalab COMMAND --help\` prints the same. Results
go to stdout, progress and warnings to stderr.
`;

/** Returns docs/reference/commands.md: every command with arguments, flags, defaults, exit codes and an example. */
export function commandsPage(): string {
  const program = createProgram();
  const commands = leaves(program);
  const list = commands.map(
    (command) => `| [\`${pathOf(command).replace('quotalab ', '')}\`](#${anchor(command)}) | ${summaryOf(command)} |\n`,
  );
  return `${HEAD}\n| command | |\n|---|---|\n${list.join('')}${[program, ...commands].map(section).join('')}`;
}

/** The commands that do something: no groups of commands, and not \`help\`. */
function leaves(command: Command): Command[] {
  return command.commands.flatMap((one) => (one.commands.length > 0 ? leaves(one) : [one]));
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

const anchor = (command: Command): string => pathOf(command).replaceAll(' ', '-');

function summaryOf(command: Command): string {
  return cell(command.summary() || command.description());
}

function section(command: Command): string {
  const { exitCodes, example } = footerOf(command);
  const args = command.registeredArguments.map(
    (argument) =>
      `| \`${usageOf(argument)}\` | ${formatDefault(argument.defaultValue)} | ${cell(argument.description)} |\n`,
  );
  const flags = command.options
    .filter(({ hidden }) => !hidden)
    .map(
      (option) =>
        `| \`${option.flags.replaceAll('|', '\\|')}\` | ${defaultOf(option)} | ${cell(option.description)} |\n`,
    );
  return [
    `\n## ${pathOf(command)}\n\n${command.description()}\n`,
    `\n\`\`\`\n${example}\n\`\`\`\n`,
    table('argument', args),
    table('flag', flags),
    `\n| exit code | |\n|---|---|\n${exitCodes.map(([code, meaning]) => `| ${code} | ${cell(meaning)} |\n`).join('')}`,
  ].join('');
}

function table(name: string, rows: readonly string[]): string {
  return rows.length === 0 ? '' : `\n| ${name} | default | |\n|---|---|---|\n${rows.join('')}`;
}

function usageOf(argument: Command['registeredArguments'][number]): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

/** `--no-…` flags are on by default, which their text says. */
function defaultOf({ negate, defaultValue, defaultValueDescription }: Option): string {
  if (defaultValueDescription !== undefined) return cell(defaultValueDescription);
  return negate ? '' : formatDefault(defaultValue);
}

function formatDefault(value: unknown): string {
  const isEmpty =
    value === undefined || value === false || (typeof value === 'object' && Object.keys(value!).length === 0);
  return isEmpty ? '' : `\`${String(value)}\``;
}

/** The exit codes and the example at the end of a command's help. */
function footerOf(command: Command): { exitCodes: (readonly [string, string])[]; example: string } {
  let help = '';
  command.configureOutput({
    writeOut: (part) => {
      help += part;
    },
  });
  command.outputHelp();
  const [, codes = ''] = /\nExit codes:\n((?: {2}.*\n)+)/.exec(help) ?? [];
  const exitCodes = [...codes.matchAll(/^ {2}(\d+) +(.*)$/gm)].map(([, code, meaning]) => [code!, meaning!] as const);
  const [, example] = /\nExample: (.*)\n/.exec(help) ?? [];
  if (exitCodes.length === 0 || example === undefined)
    throw new Error(`${pathOf(command)}: help without exit codes or example`);
  return { exitCodes, example };
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
