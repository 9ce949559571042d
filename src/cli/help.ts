import { type Command, Help, type HelpConfiguration, type Option } from 'commander';

/** Hides uninformative defaults (`false`, `[]`, `{}`). Subcommands inherit this from the program. */
export const HELP_CONFIGURATION: HelpConfiguration = {
  optionDescription(option: Option): string {
    const shown = isEmpty(option.defaultValue) ? Object.create(option, { defaultValue: { value: undefined } }) : option;
    return Help.prototype.optionDescription.call(this, shown as Option);
  },
};

function isEmpty(value: unknown): boolean {
  return value === false || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

export interface HelpFooter {
  /** Overrides and additions to the exit codes that every command has. */
  readonly exitCodes?: Readonly<Record<string, string>>;
  /** A complete command line. */
  readonly example: string;
  /** Reference lines, placed before the exit codes. */
  readonly details?: readonly string[];
}

const EXIT_CODES = { 0: 'success', 1: 'QuotaLab itself failed', 2: 'invalid input', 130: 'interrupted' };

/** Ends a command's help with its exit codes and one example. */
export function addHelpFooter(command: Command, { exitCodes = {}, example, details = [] }: HelpFooter): Command {
  const codes = Object.entries({ ...EXIT_CODES, ...exitCodes });
  const width = Math.max(...codes.map(([code]) => code.length));
  const lines = [
    ...details,
    ...(details.length > 0 ? [''] : []),
    'Exit codes:',
    ...codes.map(([code, meaning]) => `  ${code.padEnd(width)}  ${meaning}`),
    '',
    `Example: ${example}`,
  ];
  return command.addHelpText('after', `\n${lines.join('\n')}`);
}
