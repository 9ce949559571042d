import { formatCommand } from '../programs/command-text.ts';
import type { PageCommand } from '../report/page/page-data.ts';

/** Returns the command that was typed, with possible secrets hidden, for the page of its result. */
export function typedCommand(label: string): PageCommand {
  return { label, command: formatCommand(['quotalab', ...process.argv.slice(2)]) };
}
