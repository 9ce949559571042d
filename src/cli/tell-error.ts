import { QuotaLabError } from '../../mock-server/error.ts';
import { formatError } from '../scenario/format-problems.ts';

/** Tells an error on stderr: what is wrong for a known one, the stack for one that is the tool's own fault. */
export function tellError(error: unknown): void {
  if (error instanceof QuotaLabError) process.stderr.write(`quotalab: ${formatError(error)}\n`);
  else process.stderr.write(`quotalab: unexpected: ${error instanceof Error ? error.stack : String(error)}\n`);
}
