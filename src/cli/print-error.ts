import { QuotaLabError } from '../../mock-server/error.ts';
import { formatError } from '../scenario/format-problems.ts';

/** Prints an error on stderr: message and problems of a `QuotaLabError`, the stack of an unexpected error. */
export function printError(error: unknown): void {
  if (error instanceof QuotaLabError) process.stderr.write(`quotalab: ${formatError(error)}\n`);
  else process.stderr.write(`quotalab: unexpected: ${error instanceof Error ? error.stack : String(error)}\n`);
}
