import type { Verdict } from '../analysis/judging/verdict.ts';
import type { SeedResult, SeedSpread } from '../analysis/spread.ts';
import { MEASUREMENT_VERSION, type Measurement } from '../comparison/measurement.ts';

/** Returns the results of several seeds of one scenario as JSON: passed or failed, spread, verdicts and the measurement. */
export function seedsJson(
  scenario: string,
  { passed, verdicts }: { readonly passed: boolean; readonly verdicts: readonly Verdict[] },
  seeds: readonly SeedResult[],
  spread: SeedSpread,
  measurement: Measurement,
): object {
  return {
    scenario,
    passed,
    seeds: seeds.map(({ seed, ok }) => ({ seed, ok })),
    spread: spread.figures,
    verdicts: spread.verdicts,
    judged: verdicts,
    results: { version: MEASUREMENT_VERSION, ...measurement },
  };
}
