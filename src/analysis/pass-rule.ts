import type { Analysis } from './analysis.ts';
import type { Verdict } from './judging/verdict.ts';

/** What becomes of verdicts of severity `error` that were not decided. */
export interface Leniency {
  /** None of them fails the run. */
  readonly allowInconclusive?: boolean;
  /** Those fail as well that are `error` by default and `inconclusive`. */
  readonly strict?: boolean;
}

/**
 * Returns whether a run passes: every threshold holds and no verdict of severity `error` fails. A verdict whose severity the
 * scenario sets to `error` must also be decided, since missing evidence is not success: if it is `inconclusive` or
 * `not-applicable`, the run fails unless `allowInconclusive` is set. One that is `error` by default is only shown.
 *
 * @example
 * process.exitCode = hasPassed(analyse(run)) ? 0 : 99;
 */
export function hasPassed(
  { thresholds, verdicts }: Pick<Analysis, 'thresholds'> & { readonly verdicts: readonly Verdict[] },
  leniency: Leniency = {},
): boolean {
  return !verdicts.some((verdict) => isFailure(verdict, leniency)) && thresholds.every(({ ok }) => ok);
}

/** Returns whether this verdict alone fails its run. */
export function isFailure(verdict: Verdict, leniency: Leniency = {}): boolean {
  return verdict.severity === 'error' && (verdict.status === 'fail' || isMissing(verdict, leniency));
}

/** Returns whether a verdict was required and not decided. */
function isMissing({ severitySource, status }: Verdict, { allowInconclusive, strict }: Leniency): boolean {
  if (allowInconclusive) return false;
  if (status === 'not-applicable') return severitySource === 'scenario';
  return status === 'inconclusive' && (severitySource === 'scenario' || strict === true);
}
