import type { VerdictId } from '../analysis/judging/judge-run.ts';
import { judgeSeeds } from '../analysis/judging/judge-seeds.ts';
import type { Verdict } from '../analysis/judging/verdict.ts';
import { hasPassed, type Leniency } from '../analysis/pass-rule.ts';
import type { JournalPlace } from '../journal/journal-place.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type FinishedRun, type RunSettings, runOnce } from './run-once.ts';
import { withSeeds } from './with-seed.ts';

/** The runs of several seeds of one scenario. */
export interface FinishedSeeds {
  /** In the order of the seeds. Ends with the first run that was interrupted or did not test its client. */
  readonly runs: readonly FinishedRun[];
  /** The combined verdicts of all runs. */
  readonly verdicts: readonly Verdict<VerdictId>[];
  /** Whether every run passed and the combined verdicts pass. */
  readonly passed: boolean;
}

/** Settings of the runs of several seeds. */
export interface SeedsSettings extends RunSettings, Leniency {
  /** Returns the place of the journal of a seed. */
  readonly journal?: (seed: number) => JournalPlace;
}

/**
 * Runs a scenario with `count` consecutive seeds, starting with its own. A verdict decided by chance fails only if two runs agree.
 * Throws what `runOnce` throws.
 */
export async function runEachSeed(scenario: Scenario, count: number, settings: SeedsSettings): Promise<FinishedSeeds> {
  const runs: FinishedRun[] = [];
  for (const seeded of withSeeds(scenario, count)) {
    const finished = await runOnce(seeded, settings, settings.journal?.(seeded.seed));
    runs.push(finished);
    if (!isComplete(finished)) break;
  }
  const verdicts = judgeSeeds(runs.map(({ seed, analysis }) => ({ seed, verdicts: analysis.verdicts })));
  const passed =
    runs.every((finished) => isComplete(finished) && hasPassed(finished.analysis, settings)) &&
    hasPassed({ thresholds: [], verdicts }, settings);
  return { runs, verdicts, passed };
}

/** Returns whether a run tested its client and was not interrupted. */
export function isComplete({ stopped, failure }: FinishedRun): boolean {
  return !failure && stopped !== 'interrupted';
}
