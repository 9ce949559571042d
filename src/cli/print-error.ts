import { QuotaLabError } from '../../mock-server/error.ts';
import { createRedactor } from '../../mock-server/redaction/redactor.ts';
import { formatError } from '../scenario/format-problems.ts';

/** Prints an error on stderr, without secrets: message and problems of a `QuotaLabError`, the stack of an unexpected error. */
export function printError(error: unknown): void {
  process.stderr.write(`quotalab: ${describe(error)}\n`);
}

function describe(error: unknown): string {
  const redactor = createRedactor();
  if (error instanceof QuotaLabError) return redactor.text(formatError(error));
  return redactor.text(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}
