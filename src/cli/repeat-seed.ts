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

/** A run's analysis, and whether the user interrupted what was to confirm it. */
export interface Repeated {
  readonly analysis: Analysis;
  readonly interrupted: boolean;
}

/**
 * Where an `error` that rests on chance would fail, and time costs nothing, repeats the run with the next seed and lets
 * both judge together. Leaves no journal: the seed brings it back.
 */
export async function repeatWhereOpen(scenario: Scenario, analysis: Analysis, flags: RepeatFlags): Promise<Repeated> {
  if (!flags.confirm || !isRepeatable(scenario.time) || !needsSecondSeed(analysis.verdicts)) {
    return { analysis, interrupted: false };
  }
  const seed = scenario.seed + 1;
  if (!flags.quiet) process.stderr.write(`quotalab: repeating the run with seed ${seed}, to rule chance out\n`);
  const again = { ...scenario, seed, provider: { ...scenario.provider, seed } };
  const outcome = await runOnce(again, { journal: undefined, quiet: true, allowHost: flags.allowHost });
  if (!outcome || outcome.stopped === 'interrupted') return { analysis, interrupted: true };
  if (outcomeFailure(outcome)) {
    process.stderr.write(`quotalab: seed ${seed} did not go its whole way and proves nothing\n`);
    return { analysis, interrupted: false };
  }
  const { verdicts } = analyse(readRun(outcome.records));
  const first = { seed: scenario.seed, verdicts: analysis.verdicts };
  return { analysis: { ...analysis, verdicts: withSecondSeed(first, { seed, verdicts }) }, interrupted: false };
}
