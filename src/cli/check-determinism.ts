import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { QuotaLabError } from '../../mock-server/error.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { EXIT } from './exit-code.ts';
import { resolveExitCode, runOnce } from './run-once.ts';

interface CheckFlags {
  readonly quiet: boolean;
  readonly allowHost: readonly string[];
}

/**
 * Runs a scenario twice and compares the journals byte for byte; prints that they are equal, or their first difference.
 * Returns the exit code. Keeps both journals in the folder. Throws `run/not-virtual`.
 */
export async function checkDeterminism(scenario: Scenario, folder: string, flags: CheckFlags): Promise<number> {
  if (!isRepeatable(scenario.time)) {
    const problems = [
      { path: 'time', message: `must be virtual: runs in ${scenario.time} time depend on the machine` },
    ];
    throw new QuotaLabError('run/not-virtual', 'only runs in virtual time are repeatable', { problems });
  }
  const journals = ['journal.jsonl', 'journal-again.jsonl'].map((name) => join(folder, name));
  for (const journal of journals) {
    const outcome = await runOnce(scenario, { journal, ...flags });
    const code = outcome ? resolveExitCode(outcome, EXIT.passed) : EXIT.interrupted;
    if (code !== EXIT.passed) return code;
  }
  const [first, again] = journals.map((journal) => readFileSync(journal, 'utf8').split('\n'));
  const line = first!.findIndex((text, index) => text !== again![index]);
  if (line < 0 && first!.length === again!.length) {
    process.stdout.write(
      `deterministic: two runs with seed ${scenario.seed} gave the same ${first!.length - 1} lines\n`,
    );
    return EXIT.passed;
  }
  const at = line < 0 ? first!.length - 1 : line;
  process.stdout.write(
    [
      `not deterministic: two runs with seed ${scenario.seed} differ first in line ${at + 1}`,
      `  first  ${aroundDifference(first![at] ?? '', again![at] ?? '')}`,
      `  again  ${aroundDifference(again![at] ?? '', first![at] ?? '')}`,
      'Does the client keep state between runs (a file, a cache) or read machine state (CPU load, process id)?',
      '',
    ].join('\n'),
  );
  return EXIT.failed;
}

/** An excerpt of a line around its first difference from the other. */
function aroundDifference(text: string, other: string): string {
  let at = 0;
  while (at < text.length && text[at] === other[at]) at++;
  const from = Math.max(0, at - 40);
  return `${from > 0 ? '…' : ''}${text.slice(from, at + 60)}${text.length > at + 60 ? '…' : ''}`;
}
