import { readFileSync } from 'node:fs';
import { QuotaLabError } from '../../mock-server/error.ts';
import { readRun } from '../analysis/run/read-run.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { compressJournal, journalIn } from '../journal/journal-place.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type FinishedRun, type RunSettings, recordRun } from './run-once.ts';

/** The journals of the two runs of a determinism check. Only the first is a result; `readResult` ignores the second. */
const FIRST_JOURNAL = 'journal';
export const SECOND_JOURNAL = 'journal-again';

/** The first line that differs between two journals. */
export interface LineDifference {
  /** 1-based. */
  readonly line: number;
  readonly first: string;
  readonly again: string;
}

/** The result of a determinism check: an incomplete run, or two equal or different journals. */
export type Determinism =
  | ({ readonly kind: 'incomplete' } & Pick<FinishedRun, 'stopped' | 'failure'>)
  | { readonly kind: 'equal'; readonly lines: number }
  | ({ readonly kind: 'different' } & LineDifference);

/**
 * Runs a scenario twice and compares the journals byte for byte; keeps both in the folder. Throws `run/not-virtual`, and
 * what `recordRun` throws.
 */
export async function checkDeterminism(
  scenario: Scenario,
  folder: string,
  settings: RunSettings,
): Promise<Determinism> {
  if (!isRepeatable(scenario.time)) {
    const problems = [
      { path: 'time', message: `must be virtual: runs in ${scenario.time} time depend on the machine` },
    ];
    throw new QuotaLabError('run/not-virtual', 'only runs in virtual time are repeatable', { problems });
  }
  const journals = [FIRST_JOURNAL, SECOND_JOURNAL].map((name) => journalIn(folder, name));
  for (const journal of journals) {
    const outcome = await recordRun(scenario, settings, journal);
    const { stopped, clientError, writeError } = outcome;
    const isWhole = stopped !== 'interrupted';
    const failure = isWhole ? outcomeFailure(outcome, readRun(outcome.records)) : (clientError ?? writeError);
    if (failure || !isWhole) return { kind: 'incomplete', stopped, failure };
  }
  const [first, again] = journals.map(({ file }) => readFileSync(file, 'utf8').split('\n')) as [string[], string[]];
  for (const journal of journals) await compressJournal(journal);
  const difference = findLineDifference(first, again);
  return difference ? { kind: 'different', ...difference } : { kind: 'equal', lines: first.length - 1 };
}

function findLineDifference(first: readonly string[], again: readonly string[]): LineDifference | undefined {
  const found = first.findIndex((text, index) => text !== again[index]);
  if (found < 0 && first.length === again.length) return undefined;
  const at = found < 0 ? first.length - 1 : found;
  return { line: at + 1, first: first[at] ?? '', again: again[at] ?? '' };
}
