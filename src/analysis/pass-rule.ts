import type { Analysis } from './analysis.ts';
import type { Verdict } from './judging/verdict.ts';

/** Which outcomes do not fail a run. */
export interface Leniency {
  readonly allowInconclusive?: boolean;
}

/**
 * Returns whether a run passes: every threshold holds and no verdict of severity `error` fails. An inconclusive verdict of
 * severity `error` also fails the run unless `allowInconclusive` is set, since missing evidence is not success.
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
export function isFailure({ severity, status }: Verdict, { allowInconclusive = false }: Leniency = {}): boolean {
  return severity === 'error' && (status === 'fail' || (status === 'inconclusive' && !allowInconclusive));
}
