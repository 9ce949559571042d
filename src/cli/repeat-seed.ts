import { analyse } from '../analysis/analyse.ts';
import type { Analysis } from '../analysis/analysis.ts';
import { needsSecondSeed, withSecondSeed } from '../analysis/judging/second-seed.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { readRun } from '../analysis/run/run-view.ts';
import { outcomeFailure } from '../run/outcome-failure.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { runOnce } from './run-once.ts';

interface RepeatFlags {
  readonly confirm: boolean;
  readonly quiet: boolean;
  readonly allowHost: readonly string[];
}

/** A run's analysis, and whether the user interrupted the second run. */
export interface RepeatResult {
  readonly analysis: Analysis;
  readonly interrupted: boolean;
}

/**
 * Repeats a run in virtual time with the next seed if a verdict that depends on chance would fail, and combines both
 * verdicts. Writes no journal: the seed reproduces the run.
 */
export async function repeatWithNextSeed(
  scenario: Scenario,
  analysis: Analysis,
  flags: RepeatFlags,
): Promise<RepeatResult> {
  if (!flags.confirm || !isRepeatable(scenario.time) || !needsSecondSeed(analysis.verdicts)) {
    return { analysis, interrupted: false };
  }
  const seed = scenario.seed + 1;
  if (!flags.quiet) process.stderr.write(`quotalab: repeating the run with seed ${seed} to rule out chance\n`);
  const again = { ...scenario, seed, provider: { ...scenario.provider, seed } };
  const outcome = await runOnce(again, { journal: undefined, quiet: true, allowHost: flags.allowHost });
  if (!outcome || outcome.stopped === 'interrupted') return { analysis, interrupted: true };
  if (outcomeFailure(outcome)) {
    process.stderr.write(`quotalab: the run with seed ${seed} was incomplete and is ignored\n`);
    return { analysis, interrupted: false };
  }
  const { verdicts } = analyse(readRun(outcome.records));
  const first = { seed: scenario.seed, verdicts: analysis.verdicts };
  return { analysis: { ...analysis, verdicts: withSecondSeed(first, { seed, verdicts }) }, interrupted: false };
}
