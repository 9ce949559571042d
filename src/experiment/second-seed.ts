import type { Analysis } from '../analysis/analysis.ts';
import { needsSecondSeed, withSecondSeed } from '../analysis/judging/second-seed.ts';
import { isRepeatable } from '../analysis/run/repeatable.ts';
import { withSeed } from '../scenario/fleet.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type FinishedRun, type RunSettings, runOnce } from './run-once.ts';

/** An analysis after the second seed. */
export interface SecondSeed {
  readonly analysis: Analysis;
  /** The run with the second seed, if it was needed. An incomplete one changes nothing. */
  readonly second?: FinishedRun;
}

/**
 * Repeats a complete run in virtual time with the next seed if a verdict that depends on chance would fail, and combines
 * both verdicts. Writes no journal: the seed reproduces the run. Throws what `runOnce` throws.
 */
export async function repeatWithNextSeed(
  scenario: Scenario,
  { analysis, stopped, failure }: FinishedRun,
  settings: RunSettings,
): Promise<SecondSeed> {
  if (stopped || failure || !isRepeatable(scenario.time) || !needsSecondSeed(analysis.verdicts)) return { analysis };
  const second = await runOnce(withSeed(scenario, scenario.seed + 1), settings);
  if (second.stopped === 'interrupted' || second.failure) return { analysis, second };
  const first = { seed: scenario.seed, verdicts: analysis.verdicts };
  const verdicts = withSecondSeed(first, { seed: second.seed, verdicts: second.analysis.verdicts });
  return { analysis: { ...analysis, verdicts }, second };
}
