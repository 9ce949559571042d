import { checkDeterminism, type LineDifference } from '../experiment/check-determinism.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type AttendFlags, attendRuns } from './attend-runs.ts';
import { EXIT } from './exit-code.ts';
import { printError } from './print-error.ts';
import { resolveExitCode } from './reported-run.ts';

/**
 * Runs a scenario twice; prints that the journals are equal, or their first difference. Returns the exit code. Throws what
 * `checkDeterminism` throws.
 */
export async function reportDeterminism(scenario: Scenario, folder: string, flags: AttendFlags): Promise<number> {
  const checked = await attendRuns(flags, (settings) => checkDeterminism(scenario, folder, settings));
  if (!checked) return EXIT.interrupted;
  if (checked.kind === 'incomplete') {
    if (checked.failure) printError(checked.failure);
    return resolveExitCode(checked, EXIT.interrupted);
  }
  if (checked.kind === 'equal') {
    process.stdout.write(`deterministic: two runs with seed ${scenario.seed} gave the same ${checked.lines} lines\n`);
    return EXIT.passed;
  }
  process.stdout.write(describeDifference(scenario.seed, checked));
  return EXIT.failed;
}

function describeDifference(seed: number, { line, first, again }: LineDifference): string {
  return [
    `not deterministic: two runs with seed ${seed} differ first in line ${line}`,
    `  first  ${aroundDifference(first, again)}`,
    `  again  ${aroundDifference(again, first)}`,
    'Does the client keep state between runs (a file, a cache) or read machine state (CPU load, process id)?',
    '',
  ].join('\n');
}

/** An excerpt of a line around its first difference from the other. */
function aroundDifference(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - 40);
  return `${from > 0 ? '…' : ''}${text.slice(from, at + 60)}${text.length > at + 60 ? '…' : ''}`;
}
