import { hideInCommand } from '../../mock-server/redaction/hide-in-command.ts';
import { printable } from '../../mock-server/redaction/printable.ts';

/** Formats a command as one shell line, with possible secrets hidden. */
export function formatCommand(command: readonly string[]): string {
  return hideInCommand(command)
    .map((word) => quote(printable(word.replace(/\s+/g, ' '))))
    .join(' ');
}

const quote = (word: string): string =>
  /^[\w@%+=:,./…{}-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
