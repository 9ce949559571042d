import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../src/cli/create-program.ts';

/** Returns a command and all its subcommands. */
const withSubcommands = (command: Command): Command[] => [command, ...command.commands.flatMap(withSubcommands)];

/** The text that `--help` prints. */
function readHelp(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

function commandLine(command: Command): string {
  return command.parent ? `${commandLine(command.parent)} ${command.name()}` : command.name();
}

const helps = withSubcommands(createProgram()).map((command) => [commandLine(command), readHelp(command)] as const);

it('covers every command', () => {
  const names = helps.map(([name]) => name);
  expect(names).toEqual(expect.arrayContaining(['quotalab', 'quotalab run', 'quotalab export locust']));
  expect(names.length).toBeGreaterThan(13);
});

describe.each(helps)('%s --help', (name, text) => {
  it('has a description', () => {
    expect(text).toMatch(/^Usage: quotalab.*\n\n[A-Z][^\0]*?\.\n\n(Arguments|Options):\n/);
  });

  it('lists exit codes and ends with one example', () => {
    expect(text).toMatch(/\nExit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n/);
    expect(text.match(/^Example: /gm)).toHaveLength(1);
    expect(text).toMatch(new RegExp(`\nExample: ${name}( .*)?\n$`));
  });

  it('shows no empty default', () => {
    expect(text).not.toMatch(/\(default: (\{|\[|false)/);
  });
});
