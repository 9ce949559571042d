import { QuotaLabError } from '../../mock-server/error.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import { indented } from '../report/terminal/wrap.ts';
import { formatError } from '../scenario/format-problems.ts';

/** Prints an error on stderr, without secrets: message and problems of a `QuotaLabError`, the stack of an unexpected error. */
export function printError(error: unknown): void {
  const lines = `quotalab: ${describe(error)}`.split('\n');
  process.stderr.write(`${lines.flatMap(fitted).join('\n')}\n`);
}

/** Wraps a line to the terminal, with an indent that shows where a problem begins; elsewhere a problem is one line. */
function fitted(line: string): string[] {
  const { isTTY, columns } = process.stderr;
  if (!isTTY || line.length <= columns || /^\s+at /.test(line)) return [line];
  const [first = '', ...others] = indented(line.trimStart(), columns, 4);
  return [`${line.startsWith(' ') ? '  ' : ''}${first.trimStart()}`, ...others];
}

function describe(error: unknown): string {
  const redactor = createRedactor();
  if (error instanceof QuotaLabError) return redactor.text(formatError(error));
  return redactor.text(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
