import type { Leniency } from '../analysis/pass-rule.ts';
import { type CiFlags, type CiOutputs, createCiOutputs } from './ci-outputs.ts';
import { printError } from './print-error.ts';

/**
 * Runs the body of a command that judges, and sets the exit code it returns. An error is reported to CI systems under
 * `name`, and thrown again.
 */
export async function judgedAction(
  flags: CiFlags & Leniency,
  name: string,
  body: (ci: CiOutputs) => Promise<number>,
): Promise<void> {
  const ci = createCiOutputs(flags, flags);
  try {
    process.exitCode = await body(ci);
  } catch (error) {
    // Not instead of it: the disk may be full.
    await ci.writeError(name, error).catch(printError);
    throw error;
  }
}
